# SPDX-License-Identifier: MIT
"""Peers that ask, and do not read the replies: none of them, or none after the
first megabyte."""

import time

from crowd import figures
from crowd.peers import Attack, Server, Visit, check_control

KERNEL_KIB = 128        # each
OUR_KIB = 16
WORST = 2               # times the control's p99
SETTLED = 1.01          # less growth than that in a second
PATIENCE = 20


def wait_settled(server):
    """Until the kernel holds all that it will hold for them."""
    until, held = time.monotonic() + PATIENCE, 0
    while (now := sum(server.kernel_memory())) > SETTLED * held:
        if time.monotonic() > until:
            return
        held = now
        time.sleep(1)


def measure(stage, table):
    peers, seconds = stage.size(300, 150), stage.size(20, 6)
    options = {"guests": 16, "seconds": seconds}
    with (Server(stage, quiet=True) as server,
          Server(stage, quiet=True) as control,
          Visit(stage, server, **options) as one,
          Visit(stage, control, **options) as other):
        fresh, kernel_beside = server.memory(), control.kernel_memory()
        one.go()
        other.go()
        with Attack(stage, server, "unread", hold=peers) as attack:
            attack.wait_in_place()
            seen, beside = one.result(), other.result()
            check_control(beside)
            wait_settled(server)
            ours = figures.each(server.memory(), fresh, peers)
            with Attack(stage, server, "soaked", hold=peers // 3) as soaked:
                soaked.wait_in_place()
                wait_settled(server)
                kernel = server.kernel_memory()
                to_send = server.kernel_memory("w")
    guests, others = seen["guests"]["all"], beside["guests"]["all"]
    table.judge(f"{peers}: sessions that had an error", guests["failed"],
                others["failed"], most=0)
    table.judge_p99(guests, others, worst=WORST)
    table.judge("  memory of ours each, KiB", ours / 1024, most=OUR_KIB)
    table.judge(f"and {peers // 3} that read at first: kernel memory, MiB",
                sum(kernel) / 2**20, sum(kernel_beside) / 2**20)
    table.judge("  of the largest, KiB", max(kernel) / 1024,
                max(kernel_beside) / 1024, most=KERNEL_KIB)
    table.judge("  of that to be sent, KiB", max(to_send) / 1024)
