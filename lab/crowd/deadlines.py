# SPDX-License-Identifier: MIT
"""Deadlines as seen from outside, while costly first flights pour in."""

from crowd import figures
from crowd.combined import QUEUE_MS, SLACK_MS, Watch
from crowd.peers import Attack, Server

DEADLINE = 2


def measure(stage, table):
    count, seconds = stage.size(4000, 1000), stage.size(15, 6)
    with (Server(stage, handshake_timeout=DEADLINE, quiet=True) as server,
          Server(stage, handshake_timeout=DEADLINE, quiet=True) as control,
          Attack(stage, control, "half", hold=20, rate=20) as calm,
          Attack(stage, server, "half", hold=count) as half,
          Attack(stage, server, "flights",
                 rate=stage.size(2000, 1000)) as flights):
        half.wait_in_place()
        watch = Watch(server, [half, flights])
        watch(seconds)
        longest = figures.longest_life([half.report()])
        beside = figures.longest_life([calm.report()])
    table.judge(f"{count:,} half-open: the oldest, ms", longest, beside,
                most=1000 * DEADLINE + SLACK_MS)
    table.judge("  the longest listen queue, as a wait in ms", watch.queue_ms,
                most=QUEUE_MS)
    table.judge("  dropped, since a listen queue was full", watch.dropped)
