# SPDX-License-Identifier: MIT
"""What hostile connections leave in the log."""

import contextlib
import time

from crowd import figures
from crowd.peers import Attack, Server, visit_both
from measures.processes import Failure

MOST_KIB = 64
MANNERS = "rude", "scan", "http", "flights"
SECONDS = 60            # within which they come
TOLD = 0.85             # of them; one in eight leaves without an offence
HONEST = {"rate": 5, "seconds": 1}


def attacked(stage, table, name, options):
    count = stage.size(100_000, 10_000)
    each = count // len(MANNERS)
    with contextlib.ExitStack() as stack:
        server, control = (stack.enter_context(
            Server(stage, handshake_timeout=2, **options)) for _ in range(2))
        began = time.monotonic()
        attacks = [stack.enter_context(
            Attack(stage, server, manner, rate=stage.size(600, 1000),
                   count=each)) for manner in MANNERS]
        while (seen := sum(attack.report()["connected"]
                           for attack in attacks)) < 0.999 * count:
            if time.monotonic() > began + 2 * SECONDS:
                raise Failure(f"only {seen} hostile connections")
            time.sleep(0.1)
        took = time.monotonic() - began
        time.sleep(3)           # their deadline, and the last lines
        visit_both(stage, server, control, **HONEST)
        for one in server, control:
            one.end()           # what it has not told yet, it tells then
        log, beside = server.log(), control.log()
    table.judge(f"{count:,} hostile connections, {name}: KiB of log",
                len(log) / 1024, len(beside) / 1024, most=MOST_KIB)
    table.judge("  bytes that are not printable ASCII",
                figures.unprintable(log), most=0)
    table.judge("  events that it tells of, or counts",
                figures.accounted(log), least=TOLD * count)
    table.judge("  seconds that they took to come", took, most=SECONDS)


def measure(stage, table):
    attacked(stage, table, "by default", {})
    attacked(stage, table, "--quiet", {"quiet": True})
