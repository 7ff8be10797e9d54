# SPDX-License-Identifier: MIT
"""Peers that ask, and never read the replies."""

from crowd import figures
from crowd.peers import Attack, Server, Visit

KERNEL_KIB = 128        # each
OUR_KIB = 16
WORST = 2               # times the control's p99


def measure(stage, table):
    peers, seconds = stage.size(300, 150), stage.size(20, 6)
    options = {"guests": 16, "seconds": seconds}
    with (Server(stage, quiet=True) as server,
          Server(stage, quiet=True) as control,
          Visit(stage, server, **options) as one,
          Visit(stage, control, **options) as other):
        fresh, held = server.memory(), server.kernel_memory()
        with Attack(stage, server, "unread", hold=peers) as attack:
            attack.wait_in_place()
            one.go()
            other.go()
            seen, beside = one.result(), other.result()
            kernel = figures.each(server.kernel_memory(), held, peers)
            ours = figures.each(server.memory(), fresh, peers)
            kernel_beside = control.kernel_memory() / options["guests"]
    guests, others = seen["guests"]["all"], beside["guests"]["all"]
    table.judge(f"{peers}: kernel memory each, KiB", kernel / 1024,
                kernel_beside / 1024, most=KERNEL_KIB)
    table.judge("  memory of ours each, KiB", ours / 1024, most=OUR_KIB)
    table.judge("  sessions that had an error", guests["failed"],
                others["failed"], most=0)
    table.judge("  their p99, ms", guests["p99_ms"], others["p99_ms"])
    table.judge("  their p99 / the control's",
                figures.ratio(guests["p99_ms"], others["p99_ms"]), most=WORST)
