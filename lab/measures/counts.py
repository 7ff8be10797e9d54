# SPDX-License-Identifier: MIT
"""What can be counted exactly: instructions and calls (callgrind), and system
calls (strace). The count for a piece of work is a slope: a run with more pieces
minus a run with fewer, so that starting and ending cancel out."""

import collections
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

from measures.processes import PATIENCE, Failure, tasks
from measures.servers import need

CLOCK = re.compile(r"_*(vdso_)?(clock_gettime|gettimeofday|time)(@|$)")
ALLOCATOR = re.compile(r"(__libc_)?(malloc|calloc|realloc|reallocarray|valloc|"
                       r"(posix_)?memalign|aligned_alloc)(@|$)")


class Profile:
    """What a callgrind file says: `own` instructions by function (by library
    where it names none), those in `files` by program and library, and the
    calls of the clock and the allocator from outside of them."""

    def __init__(self, path):
        self.own = collections.Counter()
        self.files = collections.Counter()
        self.calls = collections.Counter()
        self.clock = self.total = 0
        names, library, caller, callee, times = {}, "", "", "", None
        with open(path) as file:
            for text in file:
                key, _, value = text.rstrip("\n").partition("=")
                if key in ("ob", "cob", "fn", "cfn"):
                    # "(7) name" where it is first met, then "(7)"
                    number, _, name = value.partition(" ")
                    name = names.setdefault((key[-1], number), name)
                    if key == "ob":
                        library = os.path.basename(name)
                    elif key == "cfn":
                        callee = name
                    elif key == "fn":
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
                        self.files[library] += cost
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

    def __init__(self, lab, run, fewer, more, pieces=1):
        self.pieces = (more - fewer) * pieces
        self.fewer, self.more = (self.profile(lab, run, n)
                                 for n in (fewer, more))

    @staticmethod
    def profile(lab, run, n):
        out, still = lab.folder / "callgrind.out", pathlib.Path(lab.still)
        # LD_PRELOAD takes no path with a space, but a name to be looked for.
        run(["env", f"LD_PRELOAD={still.name}",
             f"LD_LIBRARY_PATH={still.resolve().parent}",
             need("valgrind", "valgrind"), "-q", "--tool=callgrind",
             f"--callgrind-out-file={out}"], n)
        return Profile(out)

    def each(self, of=lambda profile: profile.total):
        return (of(self.more) - of(self.fewer)) / self.pieces

    def own(self):
        """What each function takes for itself."""
        return {name: self.each(lambda p, name=name: p.own[name])
                for name in self.more.own}


def handshakes_slope(lab, start, fewer, more):
    """start(before=…): a server."""
    def run(before, n):
        with start(before=before) as server, \
                server.load("--handshakes") as load:
            load.say(n)
            load.line()
            load.end()      # first, so that the server sees it go
    return Slope(lab, run, fewer, more)


def requests_slope(lab, start, connections, depth, fewer, more):
    """Of rounds in which all sessions are ready together."""
    def run(before, n):
        with together(start(before=before), connections, depth) as one_round:
            for _ in range(n):
                one_round()
    return Slope(lab, run, fewer, more, connections * depth)


def libsodium_slope(lab, work, fewer, more):
    def run(before, n):
        subprocess.run([*before, lab.sodium, work, str(n)], check=True,
                       stdout=subprocess.DEVNULL)
    return Slope(lab, run, fewer, more).each()


@contextlib.contextmanager
def together(server, connections, depth):
    """A round of requests in which the server is stopped until a burst has
    arrived on every connection."""
    with server, server.load("--connections", connections, "--depth", depth,
                             "--together") as load:
        def one_round(just_before=lambda: None):
            stop(server.pid)
            load.say()
            load.line_with("sent")
            just_before()
            os.kill(server.pid, signal.SIGCONT)
            load.line()
        one_round()         # the first warms up
        yield one_round


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + PATIENCE
    while not {text.rpartition(")")[2].split()[0]
               for text in tasks(pid, "stat").values()} <= {"T", "t"}:
        if time.monotonic() > until:
            raise Failure("the server does not stop")
        time.sleep(0.001)


# System calls

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
    """The worst of some rounds."""
    log = lab.folder / "strace"
    # -D: the server stays our child, strace leaves when it does
    before = [need("strace", "strace"), "-D", "-f", "-o", log]
    worst = collections.Counter()
    with together(start(before=before), connections, depth) as one_round, \
            open(log) as trace:
        for _ in range(rounds):
            one_round(lambda: trace.seek(0, os.SEEK_END))
            time.sleep(0.2)             # for what follows the last reply
            worst = max(worst, finished_calls(trace.read()),
                        key=lambda c: c.total())
    return worst
