# SPDX-License-Identifier: MIT
"""What a handshake costs from accepting to closing, compared with libsodium's
part of it, a bare program that moves the same bytes, and nginx with TLS 1.3."""

from measures.servers import FlightsOnly, Nginx, Smx
from measures.slices import Alone, Tls, Working, take_turns

WARM_UP = 200
CURVES = 1_000          # of libsodium's share in one slice

XOR, BARE, AGAIN = "smx, xor", "bare, same bytes as xor", "the same again"
NOISE, SODIUM, TLS = "smx, noise", "libsodium, curves only", "nginx, TLS 1.3"
CALLS = "libsodium, all calls"


def measure(lab, section, calls, tls, floor):
    def side(start):
        return lambda stack: Working(stack, start(lab), "--handshakes",
                                     pieces=WARM_UP)
    sides = {
        XOR: side(Smx),
        BARE: side(FlightsOnly),
        AGAIN: side(FlightsOnly),
        NOISE: side(lambda lab: Smx(lab, "noise")),
        SODIUM: lambda stack: Alone(lab, "handshake", CURVES),
        CALLS: lambda stack: Alone(lab, "flights", CURVES),
    }
    if (lab.has("nginx", section, "nginx") and
            lab.has("openssl", section, "nginx")):
        sides[TLS] = lambda stack: Tls(stack, Nginx(lab))
    turns = take_turns(lab, "handshakes", sides, lab.rounds)
    judge(section, turns, calls, tls if TLS in sides else None, floor)
    show(section, turns, sides)
    section.count(turns)


def floor_of(turn, moving=BARE):
    """All that libsodium must be called for, and accepting a connection, moving
    the bytes and closing it."""
    return turn[CALLS].cpu + turn[moving].cpu


def judge(section, turns, calls, tls, floor):
    control = turns.ratio(AGAIN, BARE)
    section.judge("on-CPU: noise ÷ (libsodium's calls + bare)",
                  turns.spread(lambda t: t[NOISE].cpu / floor_of(t)), calls,
                  turns.spread(lambda t: floor_of(t, AGAIN) / floor_of(t)))
    if tls:
        section.judge("on-CPU: noise ÷ nginx",
                      turns.ratio(NOISE, TLS), tls, control)
    section.judge("rate that on-CPU time allows: xor ÷ bare",
                  turns.ratio(BARE, XOR), floor, control, least=True)
    section.judge("rate that was reached, one by one: xor ÷ bare",
                  turns.spread(lambda t: t[XOR].rate / t[BARE].rate), floor,
                  turns.spread(lambda t: t[AGAIN].rate / t[BARE].rate),
                  least=True)


def show(section, turns, sides):
    table = section.show("program", "on-CPU, µs", "handshakes/s", "p50, µs")
    for name in sides:
        rate, p50 = turns.median(name, "rate"), turns.median(name, "p50")
        table.row(name, f"{turns.median(name) / 1e3:.1f}",
                  f"{rate:,.0f}" if rate else "",
                  f"{p50:.0f}" if p50 else "")
