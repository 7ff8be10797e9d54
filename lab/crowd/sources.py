# SPDX-License-Identifier: MIT
"""One source that takes all places: an IPv4 address, or a /64 of IPv6, holds
them half-open, or with sessions that do nothing. Others shall get in."""

import contextlib
import time

from crowd.peers import Attack, Server, visit_both

PLACES = 500
VISITS = {"rate": 20, "seconds": 5, "patience": 5}
GUESTS = 10
IDLE = 65               # seconds after which a session may have to yield


def attacker(stage, server, manner, is_ipv6):
    block = stage.next_block()
    sources = (stage.hostile.sources6(PLACES, block) if is_ipv6
               else stage.hostile.sources(1, block))
    return Attack(stage, server, manner, sources=sources, hold=PLACES,
                  rate=1000)


def judge(table, what, seen, control):
    newcomers, others = seen["newcomers"]["all"], control["newcomers"]["all"]
    table.judge(f"{what}: of 100 visits, served", newcomers["served"],
                others["served"], least=VISITS["rate"] * VISITS["seconds"])
    table.judge("  sessions of others that had an error",
                seen["guests"]["all"]["failed"],
                control["guests"]["all"]["failed"], most=0)


def half_open(stage, table, control, what, is_ipv6):
    with (Server(stage, max_connections=PLACES, quiet=True) as server,
          attacker(stage, server, "half", is_ipv6) as attack):
        attack.wait_in_place()
        judge(table, f"half-open from {what}",
              *visit_both(stage, server, control, guests=0, **VISITS))


def measure(stage, table):
    with contextlib.ExitStack() as stack:
        control = stack.enter_context(
            Server(stage, max_connections=PLACES, quiet=True))
        held = []
        for is_ipv6 in () if stage.is_short else (False, True):
            server = stack.enter_context(
                Server(stage, max_connections=PLACES, quiet=True))
            attack = stack.enter_context(
                attacker(stage, server, "idle", is_ipv6))
            attack.wait_in_place()
            held.append((server, is_ipv6))
        ready = time.monotonic() + IDLE
        for is_ipv6, what in (False, "one address"), (True, "one /64"):
            half_open(stage, table, control, what, is_ipv6)
        if held:
            time.sleep(max(0, ready - time.monotonic()))
        for server, is_ipv6 in held:
            what = "one /64" if is_ipv6 else "one address"
            judge(table, f"idle sessions of {what}",
                  *visit_both(stage, server, control, guests=0, **VISITS))
