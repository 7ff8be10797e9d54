# SPDX-License-Identifier: MIT
"""Peers that ask, and do not read the replies: none of them, or none after the
first megabyte."""

import contextlib
import time

from crowd import figures
from crowd.peers import Attack, Server, visit_both

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
    """Honest clients meet them twice: when they come and ask all at once, and
    when they are full of replies that they have not read."""
    peers, guests = stage.size(300, 150), 16
    with (Server(stage, quiet=True) as server,
          Server(stage, quiet=True) as control,
          contextlib.ExitStack() as attacks):
        fresh = server.memory()

        def come(_):
            attacks.enter_context(
                Attack(stage, server, "unread", hold=peers)).wait_in_place()

        first, beside_first = visit_both(stage, server, control, come,
                                         guests=guests, seconds=5)
        wait_settled(server)
        later, beside_later = visit_both(stage, server, control, guests=guests,
                                         seconds=stage.size(20, 6))
        ours = figures.each(server.memory(), fresh, peers)
        soaked = attacks.enter_context(
            Attack(stage, server, "soaked", hold=peers // 3))
        soaked.wait_in_place()
        wait_settled(server)
        kernel = server.kernel_memory()
        to_send = server.kernel_memory("w")
    table.judge(f"{peers} that come: sessions that had an error",
                first["guests"]["all"]["failed"], 0, most=0)
    table.judge_p99(first["guests"]["all"], beside_first["guests"]["all"])
    table.judge("and when they are full: sessions that had an error",
                later["guests"]["all"]["failed"], 0, most=0)
    table.judge_p99(later["guests"]["all"], beside_later["guests"]["all"],
                    worst=WORST)
    table.judge("  memory of ours each, KiB", ours / 1024, most=OUR_KIB)
    table.judge(f"and {peers // 3} that read at first: kernel memory, MiB",
                sum(kernel) / 2**20)
    table.judge("  of the largest, KiB", max(kernel) / 1024, most=KERNEL_KIB)
    table.judge("  of that to be sent, KiB", max(to_send) / 1024)
