# SPDX-License-Identifier: MIT
"""A terminal with a shell in it, typed into and looked at."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time

PROMPT = re.compile(r"\x1e(\d+)\x1f")
PIECES = re.compile(r"\x1b\[([\d;?]*)([A-Za-z@])|\x1b.|([\s\S])")


def render(text):
    """The lines that the terminal shows after these bytes."""
    lines, column = [[]], 0
    for match in PIECES.finditer(text):
        count, verb, letter = match.groups()
        row = lines[-1]
        if letter == "\n":
            lines.append([])
        elif letter == "\r":
            column = 0
        elif letter == "\b" or verb == "D":
            column = max(0, column - int(count or 1))
        elif verb == "C":
            column += int(count or 1)
        elif verb == "K":
            del row[column:]
        elif letter and letter >= " ":
            row.extend(" " * (column + 1 - len(row)))
            row[column] = letter
            column += 1
        elif letter == "\t":
            column += 8 - column % 8
    return ["".join(row).rstrip(" ") if row is not lines[-1] else "".join(row)
            for row in lines]


class Terminal:
    def __init__(self, folder, patience):
        self.patience = patience
        self.text = ""
        self.changed = threading.Condition()
        self.pid, self.fd = pty.fork()
        if not self.pid:
            for number in signal.Signals:   # as a login would
                if signal.getsignal(number) == signal.SIG_IGN:
                    signal.signal(number, signal.SIG_DFL)
            os.chdir(folder)
            os.environ.update(PS1=r"\036$?\037", PS2="> ", TERM="xterm")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting",
                               "-i"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 50, 1000, 0, 0))
        threading.Thread(target=self.watch, daemon=True).start()
        self.start = self.seen = 0      # of the command; of what was looked at
        self.typed = 0                  # when a line was, last
        self.echoed = 0                 # lines typed for the command
        self.wait(self.prompt, "a prompt")

    def watch(self):
        data = b""
        while True:
            try:
                got = os.read(self.fd, 65536)
            except OSError:
                return
            data += got
            with self.changed:
                self.text = data.decode(errors="replace")
                self.changed.notify_all()

    def wait(self, condition, what, seconds=None):
        seconds = seconds or self.patience
        with self.changed:
            if not self.changed.wait_for(condition, seconds):
                raise TimeoutError(f"no {what} within {seconds} s; there is:\n"
                                   + "\n".join(render(self.text[self.start:])))
            return condition()

    def prompt(self):
        """The status of the command, once the shell is back."""
        return PROMPT.search(self.text, self.start)

    def type(self, line):
        self.typed = len(self.text)
        os.write(self.fd, line.encode() + b"\n")

    def run(self, lines):
        """Begins a command of one line or several."""
        with self.changed:
            self.start = self.seen = len(self.text)
        for number, line in enumerate(lines):
            self.type(line)
            if number + 1 < len(lines):
                self.wait(lambda: self.asks("> "), "prompt to go on with")
        self.echoed = len(lines)

    def asks(self, text):
        """Whether it does, and not only did before it was answered."""
        return ("\n" in self.text[self.typed:] and text.rstrip() ==
                render(self.text[self.start:])[-1].rstrip())

    def output(self, since=None):
        text = self.text[self.start if since is None else since:]
        lines = render(PROMPT.split(text)[0])
        if lines and not lines[-1]:
            lines.pop()
        return lines[self.echoed:] if since is None else lines

    def quiet(self, seconds=1.0):
        """Waits until it has said something, if it does, and no more."""
        with self.changed:
            self.changed.wait_for(
                lambda: self.output() or self.prompt(),
                self.patience / 10)
        before = None
        while before != len(self.text):
            before = len(self.text)
            time.sleep(seconds)

    def interrupt(self):
        if not self.prompt():
            os.write(self.fd, b"\x03")
            self.wait(self.prompt, "prompt after Ctrl-C")

    def close(self):
        os.write(self.fd, b"\x03\x04")
        os.close(self.fd)
