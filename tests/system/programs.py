# SPDX-License-Identifier: MIT
"""The real programs: starting them, and watching what they print and use."""

import contextlib
import ctypes
import fcntl
import functools
import os
import pathlib
import re
import resource
import select
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time

import pytest

from xor_peer import PATIENCE

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLACK = 3.0         # seconds that a deadline may be late on a busy machine
SMALL_PIPE = 4096
HOME = tempfile.TemporaryDirectory()

START_LINE = re.compile(r"\[\*\] Server started with (\d+) threads? and it's "
                        r"listening on (\S+):(\d+)\.\.\.$", re.M)
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\[?[0-9;?]*$")


def program(name):
    """The path of a program: $SMX_SERVER, $SMX_CLIENT, or the build folder."""
    variable = name.upper().replace("-", "_")
    path = pathlib.Path(
        os.environ.get(variable) or ROOT / "build" / "src" / name)
    if not os.access(path, os.X_OK):
        pytest.fail(f"no program at {path}: build it, or set {variable}",
                    pytrace=False)
    return str(path.absolute())


def environment(**changes):
    """Ours with a plain terminal and an empty home, and the changes.

    The tests neither see nor change what belongs to whoever runs them.
    """
    kept = {name: value for name, value in os.environ.items()
            if name not in ("NO_COLOR", "STATE_DIRECTORY")
            and not name.startswith("XDG_")}
    return {**kept, "TERM": "xterm", "HOME": HOME.name, **changes}


def plain(text):
    """The text without colours and cursor movements, as lines of \\n."""
    return ESCAPE.sub("", text).replace("\r\n", "\n")


def wait_until(condition, what, seconds=PATIENCE):
    """Poll until the condition is true, and return what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"{what}: not in {seconds} s"
        time.sleep(0.01)


def may_be_hindered(test):
    """For a test whose peer has to read in time, as the original has to.

    A machine that is busy with other things keeps it from that now and then,
    and then it reads as one what came apart. So two failures are forgiven: what
    we do wrong fails each time.
    """
    @functools.wraps(test)
    def tried(*arguments, **named):
        for _ in range(2):
            with contextlib.suppress(AssertionError,
                                     subprocess.TimeoutExpired):
                return test(*arguments, **named)
        return test(*arguments, **named)
    return tried


def run(name, *arguments, feed="", preexec=None, wrapper=(), **changes):
    """Run a program to its end, with pipes instead of a terminal."""
    return subprocess.run(
        [*wrapper, program(name), *map(str, arguments)], input=feed,
        capture_output=True, encoding="utf-8", errors="backslashreplace",
        timeout=30, env=environment(**changes), preexec_fn=preexec)


def check_failure(finished, status, *words):
    """It printed nothing, and complained in one line, which has the words."""
    assert finished.returncode == status, finished
    assert finished.stdout == ""
    assert finished.stderr.endswith("\n")
    line, = finished.stderr.splitlines()
    assert line.startswith("[X] ")
    for word in words:
        assert str(word) in line


def give_up_low_ports():
    """Before exec: be somebody who may not bind a privileged port."""
    PR_CAPBSET_DROP, CAP_NET_BIND_SERVICE = 24, 10
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_NET_BIND_SERVICE)


def few_descriptors(count):
    """Before exec: be allowed only so many open files."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def small_files(most):
    """Before exec: be allowed to write only that many bytes to a file."""
    return lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


class Output:
    """Reads a descriptor in a thread of its own, so that nothing stalls."""

    def __init__(self, descriptor, text=""):
        self.descriptor = descriptor
        self.raw = text
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while True:
            try:
                piece = os.read(self.descriptor, 65536)
            except OSError:     # a terminal whose other side is gone
                piece = b""
            if not piece:
                return
            with self.changed:
                self.raw += piece.decode(errors="backslashreplace")
                self.changed.notify_all()

    @property
    def text(self):
        return plain(self.raw)

    @property
    def lines(self):
        """The lines that are complete."""
        return self.text.split("\n")[:-1]

    def expect(self, pattern, after=0, seconds=PATIENCE):
        """Wait for a match in the text behind that offset."""
        wanted = re.compile(pattern, re.M)
        with self.changed:
            self.changed.wait_for(
                lambda: wanted.search(self.text, after), seconds)
        match = wanted.search(self.text, after)
        assert match, f"no {pattern!r} in {self.text[after:]!r}"
        return match


class Server:
    """A running smx-server. `stdout` is "pipe", "unread" or "terminal"."""

    def __init__(self, *arguments, host="127.0.0.1", port=0, stdout="pipe",
                 preexec=None, wrapper=(), **changes):
        if stdout == "terminal":
            self.reader, writer = os.openpty()
        else:
            self.reader, writer = os.pipe()
        if stdout == "unread":
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALL_PIPE)
        self.errors = tempfile.TemporaryFile("w+")
        self.expected_errors = False    # a test that provokes some says so
        self.expected_status = 0
        self.is_ending = False
        self.output = None
        self.process = subprocess.Popen(
            [*wrapper, program("smx-server"), "--host", host,
             "--port", str(port), *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=writer, stderr=self.errors,
            env=environment(**changes), preexec_fn=preexec)
        os.close(writer)
        self.pid = self.process.pid
        first = self.read_first_line()
        match = START_LINE.search(plain(first))
        if not match:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"no start line but {first!r}; {self.stderr()}")
        self.start_line = match.group()
        self.port = int(match.group(3))
        self.address = (match.group(2).strip("[]"), self.port)
        if stdout != "unread":
            self.output = Output(self.reader, first)

    def read_first_line(self):
        line = b""
        deadline = time.monotonic() + PATIENCE
        ready = select.poll()
        ready.register(self.reader, select.POLLIN)
        while not line.endswith(b"\n"):
            left = max(0, deadline - time.monotonic())
            if not ready.poll(1000 * left):
                break
            try:
                piece = os.read(self.reader, 1)
            except OSError:
                break
            if not piece:
                break
            line += piece
        return line.decode(errors="backslashreplace")

    def start_reading(self):
        """For a server whose stdout has not been read so far."""
        self.output = Output(self.reader)

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read()

    def signal(self, number):
        self.process.send_signal(number)
        if number in (signal.SIGINT, signal.SIGTERM):
            self.is_ending = True       # a second one would cut it short

    def counters(self):
        """Ask with SIGUSR1; all the numbers, each under what is said of it."""
        seen = len(self.output.text)
        self.signal(signal.SIGUSR1)
        text = self.output.expect(
            r"\[\*\] Sessions:(.*\n)+?.*\[\*\] Refused: .*\n", seen).group()
        found = re.findall(r"(\d+) ([A-Za-z ]*[A-Za-z])", text)
        return {name: int(number) for number, name in found}

    def wait_for_counter(self, name, number):
        return wait_until(lambda: self.counters().get(name) == number,
                          f"{number} {name}")

    def wait_for_descriptors(self, most):
        """Until no more are open. (Fewer may be: a thread opens one for a
        moment, to read its own time.)"""
        wait_until(lambda: (self.descriptors() or 0) <= (most or 0),
                   "the descriptors that were there before")

    def threads(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^Threads:\s+(\d+)", status, re.M).group(1))

    def descriptors(self):
        """How many are open; None where only root may see it.

        (A program that leaves no core dump is no longer its user's own.) One
        that has answered a signal has opened all that it needs for itself.
        """
        self.counters()
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except PermissionError:
            return None

    def is_sanitized(self):
        """Then its memory is immense, and holds what was freed."""
        try:
            maps = pathlib.Path(f"/proc/{self.pid}/maps").read_text()
        except PermissionError:     # a sanitized one could be read
            return False
        return "libasan" in maps

    def memory(self):
        """Bytes in memory now."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * int(re.search(r"^VmRSS:\s+(\d+)", status, re.M).group(1))

    def cpu_seconds(self):
        """Time used so far, by it and by the kernel for it."""
        stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """End it as an administrator would; what did not go well."""
        if not self.is_ending:
            self.signal(signal.SIGTERM)
        try:
            status = self.process.wait(2 + SLACK)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = f"{self.process.wait()}, killed: SIGTERM did not end it"
        if self.output:
            self.output.thread.join(PATIENCE)
        errors = self.stderr()
        self.errors.close()
        try:
            os.close(self.reader)
        except OSError:     # a test has closed it
            pass
        complaints = []
        if errors and not self.expected_errors:
            complaints.append(f"on stderr: {errors}")
        if self.expected_status not in (status, None):
            complaints.append(f"exit status {status}")
        return complaints


class Terminal:
    """A running smx-client, or another program, on a terminal of its own.

    A shell leads the session, because a terminal forgets its modes when the
    leader of its session ends; the shell also tells the exit status.
    """

    SHELL = ("sh", "-c", """trap : INT; "$@"; echo "[status $?]"; read _""",
             "sh")

    def __init__(self, *arguments, name="smx-client", **changes):
        self.master, self.slave = os.openpty()
        self.resize(80)
        self.modes = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [*self.SHELL, program(name), *map(str, arguments)],
            stdin=self.slave, stdout=self.slave, stderr=self.slave,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            start_new_session=True, env=environment(**changes))
        self.output = Output(self.master)
        self.seen = 0

    def resize(self, columns):
        size = struct.pack("HHHH", 24, columns, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)

    def expect(self, pattern):
        """Wait for a match behind the last one."""
        match = self.output.expect(pattern, self.seen)
        self.seen = match.end()
        return match

    def type(self, text):
        os.write(self.master, text.encode())

    def at_prompt(self):
        """Wait for the prompt; and for line editing, if there is any.

        Until that has been switched on, an end of input could get lost.
        """
        self.expect(r"^> ")
        deadline = time.monotonic() + 0.1
        while self.is_line_by_line() and time.monotonic() < deadline:
            time.sleep(0.001)
        return self

    def is_line_by_line(self):
        LOCAL_MODES = 3
        return termios.tcgetattr(self.slave)[LOCAL_MODES] & termios.ICANON

    def client(self):
        """The process of the client itself, the shell's only child."""
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        return int(pathlib.Path(children).read_text())

    def wait(self):
        """The exit status; by then the modes are what they were."""
        status = int(self.expect(r"\[status (\d+)\]").group(1))
        assert termios.tcgetattr(self.slave) == self.modes
        return status

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.slave)
        self.output.thread.join(PATIENCE)
        os.close(self.master)
