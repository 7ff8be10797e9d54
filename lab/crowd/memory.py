# SPDX-License-Identifier: MIT
"""What connections take, and whether it is given back."""

import time

from crowd import figures
from crowd.peers import Attack, Server

HALF_OPEN_BYTES = 1024  # each, with part of a flight
IDLE_BYTES = 256
KEPT_MIB = 2            # more than a fresh server has, a while after


def held(stage, server, manner, count):
    """Bytes of ours that each of so many takes; of a first few there is more
    than their own."""
    few = count // 5
    with Attack(stage, server, manner, hold=few) as first:
        first.wait_in_place(1)
        time.sleep(1)
        before = server.memory()
        with Attack(stage, server, manner, hold=count - few) as rest:
            rest.wait_in_place(1)
            time.sleep(1)
            return figures.each(server.memory(), before, count - few)


def measure(stage, table):
    count = stage.crowd(15_000, 3000)
    with (Server(stage, handshake_timeout=600, quiet=True) as server,
          Server(stage, handshake_timeout=600, quiet=True) as control):
        half_open = held(stage, server, "part", count)
        time.sleep(stage.size(60, 5))
        kept = (server.memory() - control.memory()) / 2**20
        control_mib = control.memory() / 2**20
    with Server(stage, quiet=True) as server:
        idle = held(stage, server, "idle", count)
    table.judge(f"{count:,} half-open with part of a flight: bytes each",
                half_open, most=HALF_OPEN_BYTES)
    table.judge("  MiB that are kept when they have left", kept, control_mib,
                most=KEPT_MIB)
    table.judge(f"{count:,} idle sessions: bytes each", idle, most=IDLE_BYTES)
