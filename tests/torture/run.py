# SPDX-License-Identifier: MIT
"""One program under the shim, and what every case of it must keep to."""

import ctypes
import os
import pathlib
import signal
import subprocess
import time

LIMIT = 2.0             # seconds that anything may take
ASAN_STATUS = 99
ITS_OWN = "CHECK failed"        # the fault met the sanitizer, not the program
CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE,
           signal.SIGILL, signal.SIGTRAP, signal.SIGSYS)


SET_PARENT_DEATH_SIGNAL = 1
libc = ctypes.CDLL(None)


class Wrong(Exception):
    """What a judge found."""


def sanitizer_options(folder):
    """Reports go to files, so that they are not taken for messages."""
    return {
        "ASAN_OPTIONS": f"exitcode={ASAN_STATUS}:verify_asan_link_order=0:"
                        f"detect_leaks=1:fast_unwind_on_malloc=0:log_path={folder}/asan",
        "LSAN_OPTIONS": "print_suppressions=0:suppressions="
                        f"{pathlib.Path(__file__).with_name('leaks.off')}",
        "UBSAN_OPTIONS": f"halt_on_error=1:exitcode={ASAN_STATUS}:"
                         f"log_path={folder}/ubsan",
    }


class Program:
    """A program in a folder of its own; its streams are files in there."""

    def __init__(self, place, control, name, *words, stdin="", **changes):
        self.place, self.control = place, control
        self.folder = place.folder
        self.name = name
        (self.folder / "stdin").write_text(stdin)
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith("XDG_") and key != "STATE_DIRECTORY"}
        under = control.environment() if control else {}
        with open(self.folder / "stdin", "rb") as given, \
                open(self.folder / f"{name}.out", "wb") as out, \
                open(self.folder / f"{name}.err", "wb") as err:
            self.process = subprocess.Popen(
                [place.build / "src" / name, *map(str, words)],
                stdin=given, stdout=out, stderr=err,
                preexec_fn=lambda: libc.prctl(SET_PARENT_DEATH_SIGNAL,
                                              signal.SIGKILL),
                env={**kept, "HOME": str(self.folder), "TZ": "UTC", **under,
                     **sanitizer_options(self.folder), **changes})

    @property
    def out(self):
        return (self.folder / f"{self.name}.out").read_text(errors="replace")

    @property
    def err(self):
        return (self.folder / f"{self.name}.err").read_text(errors="replace")

    def is_over(self):
        return self.process.poll() is not None

    def wait(self, seconds=LIMIT):
        """Its exit status; it is an error if there is none by then."""
        try:
            return self.process.wait(seconds * self.place.patience)
        except subprocess.TimeoutExpired:
            raise Wrong(f"{self.name} hangs") from None

    def end(self):
        if not self.is_over():
            self.process.kill()
            self.process.wait()

    def descriptors(self):
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))
        except (FileNotFoundError, PermissionError):
            return None

    def open_files(self):
        """What its descriptors are, for a report."""
        folder = pathlib.Path(f"/proc/{self.process.pid}/fd")
        try:
            return ", ".join(sorted(os.readlink(fd) for fd in folder.iterdir()))
        except OSError as error:
            return str(error)

    def judge_end(self, status, allowed, may_be_silent):
        """No crash, no report, a status from the man page, and a reason."""
        reports = "".join(path.read_text(errors="replace")
                          for kind in ("asan", "ubsan")
                          for path in self.folder.glob(f"{kind}.*"))
        if ITS_OWN in reports:
            return
        if reports or status == ASAN_STATUS:
            raise Wrong(f"a sanitizer reports:\n{reports[:4000]}")
        if status < 0:
            what = "crash" if -status in CRASHES else "ended"
            raise Wrong(f"{what}: {signal.Signals(-status).name}; "
                        f"{self.err[-500:]}")
        if status not in allowed:
            raise Wrong(f"status {status}; {self.err[-500:]}")
        has_reported = '"errors"' in self.out
        if status and not (self.err or has_reported or may_be_silent):
            raise Wrong(f"status {status}, and no reason")


class Place:
    """Where a worker runs its cases, one after the other."""

    def __init__(self, build, folder, number, table):
        self.build, self.table = pathlib.Path(build), table
        self.root = pathlib.Path(folder) / f"worker-{number}"
        self.root.mkdir()
        self.folder = None
        self.number = number
        self.patience = 1           # more of it when a failure is repeated
        self.cases = 0
        self.baseline = {}          # of scenes: what a run without faults has

    @property
    def address(self):
        """Of its own, so that two places do not share a port."""
        return f"127.77.{self.number}.1", 1337

    def fresh(self):
        """An empty folder, that others cannot write to."""
        self.clear()
        self.cases += 1
        self.folder = self.root / str(self.cases)
        self.folder.mkdir(mode=0o700)
        return self.folder

    def clear(self):
        if self.folder:
            for path in sorted(self.folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            self.folder.rmdir()
        self.folder = None


def until(condition, seconds):
    """Poll; what the condition said last."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result or time.monotonic() > deadline:
            return result
        time.sleep(0.005)
