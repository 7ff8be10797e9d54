# SPDX-License-Identifier: MIT
"""One source that takes all places: an IPv4 address, a /64 of IPv6, or a /48
of many of them, holds them half-open, or with idle sessions. Others
shall get in."""

import contextlib
import time

from crowd.peers import Attack, Server, Visit, check_control, visit_both

PLACES = 500
GUESTS = 10
VISITS = {"rate": 20, "seconds": 5, "patience": 5}
IDLE = 65               # seconds after which a session may have to yield

# What it is called, and its addresses, of a camp.
SOURCES = [
    ("one address", lambda camp, block: camp.sources(1, block)),
    ("one /64", lambda camp, block: camp.sources6(PLACES, block)),
    ("one /48", lambda camp, block: camp.networks6(PLACES, block)),
]


def attack(stage, server, manner, addresses):
    """Takes all places that are left."""
    sources = addresses(stage.hostile, stage.next_block())
    return Attack(stage, server, manner, sources=sources, hold=PLACES - GUESTS,
                  rate=1000)


def judge(table, what, seen, beside):
    ours, others = seen["newcomers"]["all"], beside["newcomers"]["all"]
    table.judge(f"{what}: of 100 visits, served", ours["served"],
                others["served"], least=VISITS["rate"] * VISITS["seconds"])
    table.judge_p99(ours, others)


def half_open(stage, table, control, what, addresses):
    """Beside sessions of others, which keep their places."""
    options = {"guests": GUESTS, **VISITS}
    with (Server(stage, max_connections=PLACES, quiet=True) as server,
          Visit(stage, server, **options) as one,
          Visit(stage, control, **options) as other,
          attack(stage, server, "half", addresses) as attacker):
        attacker.wait_in_place()
        one.go()
        other.go()
        seen, beside = one.result(), other.result()
    check_control(beside)
    judge(table, f"half-open from {what}", seen, beside)
    table.judge("  sessions of others that had an error",
                seen["guests"]["all"]["failed"], most=0)


def measure(stage, table):
    with contextlib.ExitStack() as stack:
        control = stack.enter_context(
            Server(stage, max_connections=PLACES, quiet=True))
        held = []
        for what, addresses in () if stage.is_short else SOURCES:
            server = stack.enter_context(Server(
                stage, max_connections=PLACES - GUESTS, quiet=True))
            attacker = stack.enter_context(
                attack(stage, server, "idle", addresses))
            attacker.wait_in_place(1)
            held.append((what, server))
        ready = time.monotonic() + IDLE
        for what, addresses in SOURCES:
            half_open(stage, table, control, what, addresses)
        if held:
            time.sleep(max(0, ready - time.monotonic()))
        for what, server in held:
            judge(table, f"idle sessions of {what}",
                  *visit_both(stage, server, control, **VISITS))
