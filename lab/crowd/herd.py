# SPDX-License-Identifier: MIT
"""Everybody comes at once, as after a restart. No attacker is needed."""

import time

from crowd import figures
from crowd.peers import Server, Visit, check_control
from crowd.rates import steady_rate

SERVED_RATE = 0.8       # of the steady one
RECOVERY = 1            # seconds beyond what the work takes
WORST = 2               # times the control's p99


def herd(stage, table, threads, size, deadline):
    """Its rate, and the later one of two steady rates, which should be the
    same, as parts of the steady rate."""
    with (Server(stage, threads=threads, handshake_timeout=deadline,
                 quiet=True) as server,
          Server(stage, threads=threads, quiet=True) as control,
          Visit(stage, server, herd=size, exchange="noise",
                patience=deadline + 1) as visit):
        before = steady_rate(stage, control)
        visit.go()
        seen = visit.result()
        after = steady_rate(stage, control)
    served = seen["newcomers"]["all"]["served"]
    steady = figures.mean(before, after)
    rate = figures.share(served, seen["seconds"])
    who = f"{size:,} at once, {threads} worker{'s' * (threads > 1)}"
    table.judge(f"{who}: served", served, least=size)
    table.judge(f"{who}: rate / steady rate", rate / steady, steady,
                least=SERVED_RATE)
    return rate / steady, after / before


def recover(stage, table, size):
    """Those that are turned away come again, and again."""
    with (Server(stage, quiet=True) as server,
          Server(stage, quiet=True) as control,
          Visit(stage, server, herd=size, exchange="noise", patience=50,
                retry=100) as visit):
        steady = steady_rate(stage, control)
        visit.go()
        seen = visit.result()
    table.judge(f"{size:,} at once, who come again: served",
                seen["newcomers"]["all"]["served"], least=size)
    table.judge("  seconds until then", seen["seconds"], size / steady,
                most=size / steady + RECOVERY)
    table.judge("  how often one was turned away", seen["turned_away"])


def beside(stage, table, size):
    """Newcomers of the cheap exchange, while costly ones wait for their turn.
    They come when the listen queue is empty again: in that, they would wait
    for all others to be accepted, whatever these want."""
    options = {"rate": 200, "seconds": 1, "exchange": "xor", "patience": 5}
    with (Server(stage, quiet=True) as server,
          Server(stage, quiet=True) as control,
          Visit(stage, server, herd=size, exchange="noise",
                patience=6) as crowd,
          Visit(stage, server, **options) as one,
          Visit(stage, control, **options) as other):
        crowd.go()
        server.wait_for_crowd()
        for visit in one, other:
            visit.go()
        time.sleep(options["seconds"])
        crowd.result()
        seen = one.result()["newcomers"]["xor"]
        control_seen = other.result()
        check_control(control_seen)
        beside_seen = control_seen["newcomers"]["xor"]
    table.judge(f"xor newcomers beside {size:,} noise: failed",
                seen["failed"], beside_seen["failed"], most=0)
    table.judge_p99(seen, beside_seen, worst=WORST)


def measure(stage, table):
    curves = {"all at once": [], "steady, again (control)": []}
    for size in stage.size([500, 1000, 2000, 4000, 8000], [500, 2000]):
        parts = herd(stage, table, 1, size, 5)
        for curve, part in zip(curves.values(), parts):
            curve.append((size, part))
    table.draw("herd", "Secure clients that come at once, one worker",
               "clients", "rate of key exchanges ÷ steady rate", curves)
    herd(stage, table, 8, stage.crowd(16_000, 4000), 15)
    recover(stage, table, stage.size(8000, 2000))
    beside(stage, table, stage.crowd(8000, 4000))
