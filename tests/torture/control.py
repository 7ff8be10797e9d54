# SPDX-License-Identifier: MIT
"""The file that the shim and the driver share, and the table of the shim."""

import ctypes
import errno
import mmap
import os
import pathlib
import socket

ANY = "any"
KILL = "SIGKILL"


class Row(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("errors", ctypes.c_char_p),
                ("form", ctypes.c_int)]


def number_of(name):
    return getattr(socket if name.startswith("EAI_") else errno, name)


class Table:
    """What the shim wraps, and how it can fail."""

    def __init__(self, library):
        self.library = pathlib.Path(library)
        loaded = ctypes.CDLL(str(library))
        count = ctypes.c_int.in_dll(loaded, "torture_count").value
        rows = (Row * count).in_dll(loaded, "torture_rows")
        self.names = [row.name.decode() for row in rows] + [ANY]
        self.errors = [row.errors.decode().split() for row in rows] + [[]]

        class Control(ctypes.Structure):
            _fields_ = [("function", ctypes.c_int), ("error", ctypes.c_int),
                        ("is_lasting", ctypes.c_int), ("hits", ctypes.c_int),
                        ("at", ctypes.c_uint64),
                        ("calls", ctypes.c_uint64 * (count + 1))]
        self.layout = Control

    def faults(self, calls):
        """Every (function, occurrence, error, is it lasting) of a run."""
        for name, errors, count in zip(self.names, self.errors, calls):
            for error in errors:
                last = 1 if error[0] == "^" else count
                for at in range(1, min(last, count) + 1):
                    if error[0] != "^":
                        yield name, at, error.strip("~^"), False
                    if error[0] != "~":
                        yield name, at, error.strip("~^"), True


class Control:
    """The shared file of one run."""

    def __init__(self, table, path):
        self.table, self.path = table, path
        with open(path, "w+b") as file:
            file.truncate(ctypes.sizeof(table.layout))
            self.map = mmap.mmap(file.fileno(), 0)
        self.shared = table.layout.from_buffer(self.map)
        self.disarm()

    def arm(self, name, at, error, is_lasting):
        self.shared.error = 0 if error == KILL else number_of(error)
        self.shared.is_lasting = is_lasting
        self.shared.at = at
        self.shared.function = self.table.names.index(name)

    def disarm(self):
        self.shared.function = -1

    @property
    def hits(self):
        return self.shared.hits

    @property
    def calls(self):
        return list(self.shared.calls)

    def environment(self):
        """For a program. A sanitizer that it has must not insist on coming
        first, and must not meet malloc() before we do."""
        return {
            "LD_PRELOAD": self.table.library.name,
            "LD_LIBRARY_PATH": os.fspath(self.table.library.parent),
            "SMX_TORTURE": os.fspath(self.path),
        }

    def close(self):
        del self.shared
        self.map.close()
        os.unlink(self.path)
