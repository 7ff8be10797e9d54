# SPDX-License-Identifier: MIT
"""Processor time, in slices taken in turns.

A timing means nothing alone: two copies of one program can differ by several
per cent. So the programs that are compared run in the same minutes, each for a
slice, there and back (A B C C B A), and one of them is a copy of another: the
control. Each way is a `turn`, and ratios are taken within a turn. After two
turns all processes are started anew, because where their memory happens to lie
affects how fast they are.
"""

import contextlib
import dataclasses
import re
import statistics
import time

from measures.processes import (Failure, Program, ran, ran_by_thread,
                           stolen_seconds)

STOLEN = 0.02           # the share of a slice that the host may take
TRIES = 4               # before a slice is given up
MORE_ROUNDS = 2         # times as many, if slices are missing
SETTLED = 0.004         # seconds for a server to finish its work
WARM_UP = 2_000         # requests


@dataclasses.dataclass
class Slice:
    """What a slice measured: on-CPU ns for each piece of work, pieces a second,
    the median in µs, and the on-CPU ns of each thread."""
    cpu: float
    rate: float = 0
    p50: float = 0
    threads: list = ()


class Working:
    """A server and its load. pieces: how much work warms it up, and the least
    in a slice; longer: how many times as long as other slices."""

    def __init__(self, stack, server, *options, pieces=WARM_UP, longer=1):
        self.server = stack.enter_context(server)
        self.cores = server.cores
        self.load = stack.enter_context(server.load(*options))
        self.pieces = pieces
        _, rate, _ = self.run()
        seconds = longer * server.lab.slice_seconds
        self.pieces = max(pieces, int(rate * seconds))

    def run(self):
        """How many, how many a second, and the median latency."""
        self.load.say(self.pieces)
        try:
            line = self.load.line()
        except Failure as failure:
            raise Failure(f"{failure}; {self.server.name} "
                          f"{self.server.fate() or 'runs'}") from None
        words = re.match(r"(\d+) \w+, ([\d.]+) s, p50 ([\d.]+)", line)
        return int(words[1]), int(words[1]) / float(words[2]), float(words[3])

    def slice(self):
        before = ran_by_thread(self.server.pid)
        count, rate, p50 = self.run()
        time.sleep(SETTLED)
        after = ran_by_thread(self.server.pid)
        threads = [after[t] - before.get(t, 0) for t in after]
        return Slice(sum(threads) / count, rate, p50, threads)


class Tls:
    """nginx, and openssl as its client."""

    def __init__(self, stack, server):
        self.server = stack.enter_context(server)
        self.cores = server.cores

    def slice(self):
        before, began = ran(self.server.pid), time.monotonic()
        with self.server.load() as load:
            words = load.line_with(" real seconds")
        count = int(re.search(r"(\d+) connections in \d+ real", words)[1])
        if not count:
            raise Failure("nginx: no handshake came about")
        took = time.monotonic() - began
        time.sleep(SETTLED)
        return Slice((ran(self.server.pid) - before) / count, count / took)


class Alone:
    """libsodium doing a piece of work by itself, on the server's core."""

    def __init__(self, lab, work, times):
        self.lab, self.work, self.times = lab, work, times
        self.cores = lab.server_cores

    def slice(self):
        with Program(self.lab.sodium, self.work, self.times,
                     cores=self.cores) as program:
            return Slice(float(program.line().split()[0]))


class Turns(list):
    """For each turn, the slice of each side. thrown: how many slices were thrown
    away, of so many as were sliced."""

    def __init__(self):
        super().__init__()
        self.thrown = self.sliced = 0

    def spread(self, of):
        """Quartile, median, quartile of what `of` makes of a turn."""
        return statistics.quantiles(map(of, self), n=4)

    def ratio(self, a, b):
        return self.spread(lambda turn: turn[a].cpu / turn[b].cpu)

    def median(self, side, what="cpu"):
        return statistics.median(getattr(turn[side], what) for turn in self)

    def take(self, working):
        """A slice, or None if the host took too much of each that was tried."""
        for _ in range(TRIES):
            began, stolen = time.monotonic(), stolen_seconds(working.cores)
            found = working.slice()
            stolen = stolen_seconds(working.cores) - stolen
            self.sliced += 1
            if stolen <= STOLEN * (time.monotonic() - began):
                return found
            self.thrown += 1
        return None

    def way(self, sides):
        found = {}
        for name, working in sides:
            try:
                found[name] = self.take(working)
            except Failure as failure:
                raise Failure(f"{name}: {failure}") from None
        if None not in found.values():
            self.append(found)


def take_turns(lab, what, sides, rounds):
    """sides: by name, a function that makes the side, given an ExitStack."""
    turns = Turns()
    for number in range(MORE_ROUNDS * rounds):
        if len(turns) >= 2 * rounds:
            break
        lab.progress(f"{what}, round {number + 1} of {rounds}")
        with contextlib.ExitStack() as stack:
            started = [(name, make(stack)) for name, make in sides.items()]
            turns.way(started)
            turns.way(started[::-1])
    if len(turns) < max(2, rounds):
        raise Failure(f"{what}: the host took {turns.thrown} of "
                      f"{turns.sliced} slices, too few are left")
    return turns
