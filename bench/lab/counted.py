# SPDX-License-Identifier: MIT
"""Measures that count, and so are exact: instructions, system calls."""

from lab.counts import (calls_when_all_are_ready, libsodium_slope,
                        server_slope)
from lab.requests import NOISE_SIZES, XOR_SIZES
from lab.servers import Bare, Smx, need

SESSIONS = 64
DEPTHS = 1, 16
EXCHANGES = {"xor": ("--xor", XOR_SIZES), "noise": ("--secure", NOISE_SIZES)}
FUNCTIONS = 20          # that are listed


def instructions(lab, section, xor, pair, handshake, allocations):
    need("valgrind", "valgrind")
    table = section.show("a request", "instructions", "of it the clock",
                         "calls of the clock", "bare")
    parts = section.show("function", *EXCHANGES)
    limits = {"xor": xor, "noise": pair}
    own = {}
    for name, (option, sizes) in EXCHANGES.items():
        slope = count_requests(lab, name, option)
        clock = slope.each(lambda p: p.clock)
        rest = slope.each() - clock
        what = "instructions per request, without the clock"
        if name == "noise":
            rest /= libsodium_slope(lab, "pair", *lab.counted_requests)
            what = "the same ÷ libsodium's seal and open"
        section.judge(f"{name}: {what}", rest, limits[name],
                      form="{:.3f}" if name == "noise" else "{:.0f}")
        section.judge(f"{name}: allocations per request",
                      slope.each(lambda p: p.calls["allocator"]), allocations,
                      form="{:.0f}")
        floor = server_slope(lab, lambda sizes=sizes, **how:
                             Bare(lab, sizes, **how), *lab.counted_requests)
        table.row(name, f"{slope.each():.0f}", f"{clock:.0f}",
                  f"{slope.each(lambda p: p.calls['clock']):.2f}",
                  f"{floor.each():.0f}")
        own[name] = slope.own()
    list_functions(parts, own)
    count_handshakes(lab, section, handshake)


def count_requests(lab, name, option):
    lab.progress(f"instructions, {name}")
    return server_slope(lab, lambda **how: Smx(lab, option, **how),
                        *lab.counted_requests)


def list_functions(table, own):
    costs = {function: max(found.get(function, 0) for found in own.values())
             for found in own.values() for function in found}
    for function in sorted(costs, key=costs.get, reverse=True)[:FUNCTIONS]:
        table.row(f"`{function}`", *(f"{own[name].get(function, 0):.0f}"
                                     for name in EXCHANGES))


def count_handshakes(lab, section, most):
    lab.progress("instructions, a handshake")
    counts = lab.counted_handshakes
    slope = server_slope(lab, lambda **how: Smx(lab, "--secure", **how),
                         *counts, "--handshakes")
    section.judge("noise: instructions of a handshake ÷ libsodium's curve "
                  "work", slope.each() /
                  libsodium_slope(lab, "handshake", *counts), most)


def system_calls(lab, section, beyond):
    """beyond: how many more than a read and a write for each session."""
    need("strace", "strace")
    table = section.show("sessions ready", "depth", "exchange", "calls")
    for name, (option, _) in EXCHANGES.items():
        for depth in DEPTHS:
            lab.progress(f"calls, {name}, depth {depth}")
            calls = calls_when_all_are_ready(
                lab, lambda option=option, **how: Smx(lab, option, **how),
                SESSIONS, depth, lab.few_rounds)
            section.judge(f"{SESSIONS} sessions ready, {SESSIONS * depth:,} "
                          f"requests, {name}", calls.total(),
                          2 * SESSIONS + beyond, form="{:.0f}")
            table.row(SESSIONS, depth, name, ", ".join(
                f"{n} {call}" for call, n in calls.most_common()))
