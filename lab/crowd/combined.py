# SPDX-License-Identifier: MIT
"""Everything at once: those that stall and drip, those that never read, first
flights that lead nowhere, rude hang-ups, scanners."""

import contextlib
import time

from crowd import figures, ground
from crowd.peers import Attack, Server, Visit, check_control

DEADLINE = 5
WORST = 2               # times the control's p99
SERVED = 0.99           # of newcomers
SLOWEST_MS = 1000       # p99 of newcomers
SLACK_MS = 1000         # that a deadline may be late, as seen from outside
QUEUE_MS = 1000
NEWCOMERS = 10          # a second
LOOK = 0.25             # how often the listen queue is looked at, in seconds

# Of the full form; the short one has a quarter.
HELD = [("half", 8000, 4000), ("unread", 1000, 500)]
PASSING = [("flights", 2000), ("rude", 200), ("scan", 200), ("http", 100)]


class Watch:
    """Looks at a server while it is attacked."""

    def __init__(self, server, attacks):
        self.server, self.attacks = server, attacks
        self.longest_queue, self.kernel_most = 0, 0

    def __call__(self, seconds):
        until = time.monotonic() + seconds
        before, dropped = self.connected(), ground.dropped()
        self.kernel_most = sum(self.server.kernel_memory())
        while time.monotonic() < until:
            self.longest_queue = max(self.longest_queue, self.server.queue())
            time.sleep(LOOK)
        self.kernel_most = max(self.kernel_most,
                               sum(self.server.kernel_memory()))
        arrived = self.connected() - before
        self.arrivals = arrived / seconds
        self.dropped = ground.dropped() - dropped
        self.queue_ms = figures.queue_wait_ms(self.longest_queue, arrived,
                                              seconds)

    def connected(self):
        return sum(attack.report()["connected"] for attack in self.attacks)


def start_attacks(stack, stage, server, part):
    attacks = [stack.enter_context(
        Attack(stage, server, manner, hold=int(hold * part), rate=rate))
        for manner, hold, rate in HELD]
    for attack in attacks:
        attack.wait_in_place()
    attacks += [stack.enter_context(
        Attack(stage, server, manner, rate=int(rate * part)))
        for manner, rate in PASSING]
    return attacks


def attacked(stage, table, threads):
    part, seconds = stage.size(1, 0.25), stage.size(60, 8)
    options = {"guests": 16, "rate": NEWCOMERS, "seconds": seconds}
    with contextlib.ExitStack() as stack:
        server, control = (stack.enter_context(
            Server(stage, threads=threads, quiet=True,
                   handshake_timeout=DEADLINE)) for _ in range(2))
        one, other = (stack.enter_context(Visit(stage, which, **options))
                      for which in (server, control))
        attacks = start_attacks(stack, stage, server, part)
        watch = Watch(server, attacks)
        one.go()
        other.go()
        watch(seconds)
        reports = [attack.report() for attack in attacks]
        for attack, (_, rate) in zip(attacks[len(HELD):], PASSING):
            attack.check_rate(part * rate, seconds)
        seen, beside = one.result(), other.result()
    check_control(beside)
    judge(table, threads, seen, beside)
    table.judge("  the oldest half-open connection, ms",
                figures.longest_life([reports[0]]),
                most=1000 * DEADLINE + SLACK_MS)
    table.judge("  the longest listen queue, as a wait in ms", watch.queue_ms,
                most=QUEUE_MS)
    table.judge("  dropped, since a listen queue was full", watch.dropped)
    table.judge("  connections of attackers a second", watch.arrivals)
    table.judge("  kernel memory, MiB", watch.kernel_most / 2**20)


def judge(table, threads, seen, control):
    guests, others = seen["guests"]["all"], control["guests"]["all"]
    who = f"{threads} worker{'s' * (threads > 1)}"
    table.judge(f"{who}: sessions that had an error", guests["failed"],
                others["failed"], most=0)
    table.judge_p99(guests, others, worst=WORST)
    guests, others = seen["newcomers"]["all"], control["newcomers"]["all"]
    table.judge("  share of newcomers served",
                figures.share(guests["served"], guests["begun"]),
                figures.share(others["served"], others["begun"]), least=SERVED)
    table.judge_p99(guests, others, most_ms=SLOWEST_MS)


def measure(stage, table):
    for threads in 1, 8:
        attacked(stage, table, threads)
