# SPDX-License-Identifier: MIT
"""Child processes that take and print lines, and do not outlive us."""

import ctypes
import glob
import os
import select
import signal
import subprocess
import time

PATIENCE = 60           # seconds; for whatever is awaited
SET_PARENT_DEATH_SIGNAL = 1

libc = ctypes.CDLL(None)


class Failure(Exception):
    """A measure could not be taken; the text says why."""


class Missing(Failure):
    """Something that a measure needs is not installed."""


class Program:
    """A child process: lines in, lines out, ended with its block (or, should
    it not get that far, by end_all; or by the kernel, should we be killed)."""

    started = []

    def __init__(self, *command, cores=None):
        self.name = os.path.basename(str(command[0]))
        self.unread = b""

        def prepare():
            libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
            if cores:
                os.sched_setaffinity(0, cores)

        # A session of its own: Ctrl-C is for us, and we end it in order.
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, bufsize=0, preexec_fn=prepare,
            start_new_session=True)
        self.pid = self.process.pid
        self.started.append(self)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.end(at_once=kind is not None)

    def say(self, text=""):
        try:
            self.process.stdin.write(f"{text}\n".encode())
        except BrokenPipeError:
            raise Failure(f"{self.name} has ended") from None

    def line(self):
        until = time.monotonic() + PATIENCE
        while b"\n" not in self.unread:
            left = max(0, until - time.monotonic())
            ready, _, _ = select.select([self.process.stdout], [], [], left)
            if not ready:
                raise Failure(f"{self.name} said nothing for {PATIENCE} s")
            chunk = self.process.stdout.read(4096)
            if not chunk:
                self.process.wait()
                raise Failure(f"{self.name} {self.fate()}")
            self.unread += chunk
        text, _, self.unread = self.unread.partition(b"\n")
        return text.decode(errors="replace")

    def line_with(self, words):
        while words not in (text := self.line()):
            pass
        return text

    def fate(self):
        """None while it runs, else how it ended."""
        status = self.process.poll()
        if status is None:
            return None
        return (f"was killed by signal {-status}" if status < 0
                else f"exited with {status}")

    def end(self, at_once=False):
        """Asks it to leave, and makes it; harmless when it has left."""
        if self.process.poll() is None:
            self.process.send_signal(
                signal.SIGKILL if at_once else signal.SIGTERM)
            self.process.send_signal(signal.SIGCONT)
        try:
            self.process.wait(PATIENCE / 2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        if self in self.started:
            self.started.remove(self)

    @classmethod
    def end_all(cls):
        for program in reversed(cls.started[:]):
            program.end(at_once=True)


def tasks(pid, name):
    """What /proc says about each thread of a process in the file `name`, by
    thread."""
    found = {}
    for path in glob.glob(f"/proc/{pid}/task/*/{name}"):
        try:
            with open(path) as file:
                found[int(path.split("/")[4])] = file.read()
        except OSError:
            pass        # it ended meanwhile
    return found


def ran_by_thread(pid):
    """Nanoseconds on a processor, user and kernel, by thread."""
    return {thread: int(text.split()[0])
            for thread, text in tasks(pid, "schedstat").items()}


def ran(pid):
    return sum(ran_by_thread(pid).values())


def stolen_seconds(cores):
    """What the host gave to others while we wanted it."""
    wanted = {f"cpu{core}" for core in cores}
    with open("/proc/stat") as file:
        ticks = sum(int(words[8]) for words in map(str.split, file)
                    if words[0] in wanted)
    return ticks / os.sysconf("SC_CLK_TCK")
