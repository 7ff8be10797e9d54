# SPDX-License-Identifier: MIT
"""Does a request cost more when many connections are busy, beyond what the
kernel makes it cost any server?"""

from measures.servers import Bare, Smx
from measures.slices import WARM_UP, Working, take_turns

CONNECTIONS = 64, 512, 4_096, 15_000


def measure(lab, section, most):
    table = section.show("connections", "smx, µs", "bare, µs")
    curves = {"smx ÷ bare": [], "bare ÷ bare (control)": []}
    for connections in (n for n in CONNECTIONS if n <= lab.sessions):
        turns = at(lab, connections)
        ratio = turns.ratio("smx", "bare")
        control = turns.ratio("bare again", "bare")
        section.judge(f"{connections:,} busy connections: xor ÷ bare",
                      ratio, most, control)
        table.row(f"{connections:,}", f"{turns.median('smx') / 1e3:.2f}",
                  f"{turns.median('bare') / 1e3:.2f}")
        for curve, (low, median, high) in zip(curves.values(),
                                              (ratio, control)):
            curve.append((connections, median, low, high))
        section.count(turns)
    section.draw("growth", "A request over xor, 1 under way on each "
                 "connection", "busy connections",
                 "on-CPU time ÷ that of bare", curves)


def at(lab, connections):
    def side(start):
        return lambda stack: Working(
            stack, start(lab), "--connections", connections,
            pieces=max(WARM_UP, 2 * connections))
    return take_turns(
        lab, f"growth, {connections} connections",
        {"smx": side(Smx), "bare": side(Bare), "bare again": side(Bare)},
        lab.rounds)
