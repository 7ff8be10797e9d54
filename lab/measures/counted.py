# SPDX-License-Identifier: MIT
"""Measures that count and are therefore exact: instructions, system calls."""

from measures.counts import (calls_when_all_are_ready, handshakes_slope,
                        libsodium_slope, requests_slope)
from measures.requests import NOISE_SIZES, XOR_SIZES
from measures.servers import Bare, Smx, need

SESSIONS = 64
DEPTHS = 1, 16
EXCHANGES = {"xor": XOR_SIZES, "noise": NOISE_SIZES}   # as bare has them
FUNCTIONS = 20          # that are listed


def instructions(lab, section, xor, pair, handshake, allocations):
    need("valgrind", "valgrind")
    table = section.show("requests, of 64 sessions together", "instructions",
                         "of it the clock", "calls of the clock", "bare")
    parts = section.show("function, depth 1", *EXCHANGES)
    limits = {"xor": xor, "noise": pair}
    own = {}
    for name, sizes in EXCHANGES.items():
        for depth in DEPTHS:
            slope = count_requests(lab, name, depth, name, Smx)
            floor = count_requests(lab, f"bare as {name}", depth, sizes, Bare)
            clock = slope.each(lambda p: p.clock)
            table.row(f"{name}, depth {depth}", f"{slope.each():.0f}",
                      f"{clock:.0f}",
                      f"{slope.each(lambda p: p.calls['clock']):.2f}",
                      f"{floor.each():.0f}")
            if depth == 1:
                judge_requests(lab, section, name, slope, limits[name])
                section.judge(f"{name}: allocations per request", slope.each(
                    lambda p: p.calls["allocator"]), allocations,
                    form="{:.0f}")
                own[name] = slope.own()
    list_functions(parts, own)
    count_handshakes(lab, section, handshake)


def judge_requests(lab, section, name, slope, most):
    rest = slope.each() - slope.each(lambda p: p.clock)
    if name == "noise":
        section.judge(
            "noise: the same ÷ libsodium's seal and open",
            rest / libsodium_slope(lab, "pair", *lab.counted_pairs), most)
    else:
        section.judge(f"{name}: instructions per request, without the clock",
                      rest, most, form="{:.0f}")


def count_requests(lab, name, depth, what, server):
    lab.progress(f"instructions, {name}, depth {depth}")
    return requests_slope(lab, lambda **how: server(lab, what, **how),
                          SESSIONS, depth, *lab.counted_rounds)


def list_functions(table, own):
    costs = {function: max(found.get(function, 0) for found in own.values())
             for found in own.values() for function in found}
    for function in sorted(costs, key=costs.get, reverse=True)[:FUNCTIONS]:
        table.row(f"`{function}`", *(f"{own[name].get(function, 0):.0f}"
                                     for name in EXCHANGES))


def count_handshakes(lab, section, most):
    lab.progress("instructions, a handshake")
    counts = lab.counted_handshakes
    slope = handshakes_slope(
        lab, lambda **how: Smx(lab, "noise", **how), *counts)
    section.judge("noise: instructions of a handshake ÷ libsodium's curve "
                  "work", slope.each() /
                  libsodium_slope(lab, "handshake", *counts), most)


def system_calls(lab, section, beyond):
    """beyond: how many more than one read and one write for each session: a
    wait, and what reads the thread's own time, at most ten times a second."""
    need("strace", "strace")
    table = section.show("sessions ready", "depth", "exchange", "calls")
    for name in EXCHANGES:
        for depth in DEPTHS:
            lab.progress(f"calls, {name}, depth {depth}")
            calls = calls_when_all_are_ready(
                lab, lambda name=name, **how: Smx(lab, name, **how),
                SESSIONS, depth, lab.few_rounds)
            section.judge(f"{SESSIONS} sessions ready, {SESSIONS * depth:,} "
                          f"requests, {name}", calls.total(),
                          2 * SESSIONS + beyond, form="{:.0f}")
            table.row(SESSIONS, depth, name, ", ".join(
                f"{n} {call}" for call, n in calls.most_common()))
