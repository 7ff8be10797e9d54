# SPDX-License-Identifier: MIT
"""What can be counted exactly: instructions and calls (callgrind), system
calls (strace). A count per piece of work is a slope: more pieces minus fewer,
so that starting and ending cancel out."""

import collections
import contextlib
import os
import re
import signal
import subprocess
import time

from lab.processes import PATIENCE, Failure, tasks
from lab.servers import need

CLOCK = re.compile(r"_*(vdso_)?(clock_gettime|gettimeofday|time)(@|$)")
ALLOCATOR = re.compile(r"(__libc_)?(malloc|calloc|realloc|reallocarray|valloc|"
                       r"(posix_)?memalign|aligned_alloc)(@|$)")


class Profile:
    """What a callgrind file says: `own` instructions by function (by library
    where it names none), and the calls of the clock and the allocator from
    outside of them."""

    def __init__(self, path):
        self.own = collections.Counter()
        self.calls = collections.Counter()
        self.clock = self.total = 0
        names, library, caller, callee, times = {}, "", "", "", None
        with open(path) as file:
            for text in file:
                key, _, value = text.rstrip("\n").partition("=")
                if key in ("ob", "fn", "cfn"):
                    # "(7) name" where it is first met, then "(7)"
                    number, _, name = value.partition(" ")
                    name = names.setdefault((key[-1], number), name)
                    if key == "ob":
                        library = os.path.basename(name)
                    elif key == "cfn":
                        callee = name
                    else:
                        caller = (f"{library}, unnamed"
                                  if name.startswith("0x") else name)
                elif key == "calls":
                    times = int(value.split()[0])
                elif text.startswith("totals:"):
                    self.total = int(text.split()[1])
                elif re.match(r"[-+*\d]", text):
                    cost = int(text.split()[1])
                    if times is None:
                        self.own[caller] += cost
                    else:
                        self.called(caller, callee, times, cost)
                        times = None

    def called(self, caller, callee, times, cost):
        for kind, names in ("clock", CLOCK), ("allocator", ALLOCATOR):
            if names.match(callee) and not names.match(caller):
                self.calls[kind] += times
                self.clock += cost if kind == "clock" else 0


class Slope:
    """run(before, n) does n pieces of work in a program that the words
    `before` are put before."""

    def __init__(self, lab, run, fewer, more):
        self.pieces = more - fewer
        self.fewer, self.more = (self.profile(lab, run, n)
                                 for n in (fewer, more))

    @staticmethod
    def profile(lab, run, n):
        out = lab.folder / "callgrind.out"
        run([need("valgrind", "valgrind"), "-q", "--tool=callgrind",
             f"--callgrind-out-file={out}"], n)
        return Profile(out)

    def each(self, of=lambda profile: profile.total):
        return (of(self.more) - of(self.fewer)) / self.pieces

    def own(self):
        """What each function takes for itself."""
        return {name: self.each(lambda p, name=name: p.own[name])
                for name in self.more.own}


def server_slope(lab, start, fewer, more, *options):
    """start(before=…): a server; options: of its load."""
    def run(before, n):
        with start(before=before) as server, server.load(*options) as load:
            load.say(n)
            load.line()
            load.end()      # first, so that the server sees it go
    return Slope(lab, run, fewer, more)


def libsodium_slope(lab, work, fewer, more):
    def run(before, n):
        subprocess.run([*before, lab.sodium, work, str(n)], check=True,
                       stdout=subprocess.DEVNULL)
    return Slope(lab, run, fewer, more).each()


# System calls

def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + PATIENCE
    while not {text.rpartition(")")[2].split()[0]
               for text in tasks(pid, "stat").values()} <= {"T", "t"}:
        if time.monotonic() > until:
            raise Failure("the server does not stop")
        time.sleep(0.01)


def finished_calls(trace):
    """System calls by name. A wait that our own SIGSTOP interrupted is not the
    server's doing, and is left out."""
    calls = collections.Counter()
    for text in trace.splitlines():
        call = re.match(r"\d+ +(?:<\.\.\. )?([a-z]\w*)", text)
        if call and " = " in text and "= -1 EINTR" not in text:
            calls[call[1]] += 1
    return calls


def calls_when_all_are_ready(lab, start, connections, depth, rounds):
    """The worst of some rounds, in each of which the server is stopped until
    a burst of requests has arrived on every connection."""
    log = lab.folder / "strace"
    # -D: the server stays our child, strace leaves when it does
    before = [need("strace", "strace"), "-D", "-f", "-o", log]
    worst = collections.Counter()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(start(before=before))
        load = stack.enter_context(server.load(
            "--connections", connections, "--depth", depth, "--together"))
        trace = stack.enter_context(open(log))
        for number in range(1 + rounds):
            stop(server.pid)
            load.say()
            load.line_with("sent")
            trace.seek(0, os.SEEK_END)
            os.kill(server.pid, signal.SIGCONT)
            load.line()
            time.sleep(0.2)             # for what follows the last reply
            calls = finished_calls(trace.read())
            if number:                  # the first warms up
                worst = max(worst, calls, key=lambda c: c.total())
    return worst
