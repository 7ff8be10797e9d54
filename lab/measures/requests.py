# SPDX-License-Identifier: MIT
"""What a request costs, compared with the bare program and Redis."""

from measures.servers import Bare, Redis, Smx
from measures.slices import Alone, Working, take_turns

CONNECTIONS = 1, 64, 512
DEPTHS = 1, 16
TARGETS_AT = 64
PAIRS = 100_000         # of seals and opens in one slice of libsodium's
XOR_SIZES, NOISE_SIZES = (4, 15), (50, 50)

# In this order they take turns: what is compared runs side by side.
XOR, BARE, AGAIN = "smx, xor", "bare, 4 and 15 bytes", "the same again"
BARE_LARGE, NOISE = "bare, 50 and 50 bytes", "smx, noise"
REDIS, SODIUM = "Redis", "libsodium"
SERVERS = {
    XOR: lambda lab: Smx(lab, "xor"),
    BARE: lambda lab: Bare(lab, XOR_SIZES),
    AGAIN: lambda lab: Bare(lab, XOR_SIZES),
    BARE_LARGE: lambda lab: Bare(lab, NOISE_SIZES),
    NOISE: lambda lab: Smx(lab, "noise"),
    REDIS: Redis,
}
FLOOR = {XOR: BARE, AGAIN: BARE, NOISE: BARE_LARGE}


def measure(lab, section, xor, noise, xor_deep, noise_deep):
    servers = dict(SERVERS)
    if not lab.has("redis-server", section, "Redis"):
        del servers[REDIS]
    found = {}
    for depth in DEPTHS:
        for connections in CONNECTIONS:
            found[connections, depth] = at(lab, servers, connections, depth)
    judge_shallow(section, found[TARGETS_AT, 1], xor, noise)
    judge_deep(section, found[TARGETS_AT, 16], xor_deep, noise_deep)
    show(section, found, servers)
    for turns in found.values():
        section.count(turns)


def at(lab, servers, connections, depth):
    def side(start):
        return lambda stack: Working(stack, start(lab), "--connections",
                                     connections, "--depth", depth)
    sides = {name: side(start) for name, start in servers.items()}
    if depth > 1:
        sides[SODIUM] = lambda stack: Alone(lab, "pair", PAIRS)
    rounds = lab.rounds if connections == TARGETS_AT else lab.few_rounds
    return take_turns(
        lab, f"requests, {connections} connections, depth {depth}", sides,
        rounds)


def judge_shallow(section, turns, xor, noise):
    control = turns.ratio(AGAIN, BARE)
    section.judge("depth 1, on-CPU per request: xor ÷ bare",
                  turns.ratio(XOR, BARE), xor, control)
    section.judge("depth 1, on-CPU per request: noise ÷ bare",
                  turns.ratio(NOISE, BARE_LARGE), noise, control)


def judge_deep(section, turns, xor, noise):
    control = turns.ratio(AGAIN, BARE)
    section.judge(
        "depth 16, on-CPU beyond bare: xor, ns",
        turns.spread(lambda t: t[XOR].cpu - t[BARE].cpu),
        xor, control, "{:.0f}", worth=turns.median(BARE))
    section.judge(
        "depth 16, on-CPU beyond bare: noise ÷ a seal and an open",
        turns.spread(lambda t:
                     (t[NOISE].cpu - t[BARE_LARGE].cpu) / t[SODIUM].cpu),
        noise, control,
        worth=turns.median(BARE_LARGE) / turns.median(SODIUM))
    section.note("A seal and an open, libsodium alone: "
                 f"{turns.median(SODIUM):.0f} ns.")


def show(section, found, servers):
    table = section.show("depth", "connections", "program", "on-CPU, µs",
                         "÷ bare", "requests/s", "p50, µs")
    for (connections, depth), turns in found.items():
        for name in servers:
            ratio = (f"{turns.ratio(name, FLOOR[name])[1]:.3f}"
                     if name in FLOOR else "")
            table.row(depth, connections, name,
                      f"{turns.median(name) / 1e3:.2f}", ratio,
                      f"{turns.median(name, 'rate'):,.0f}",
                      f"{turns.median(name, 'p50'):.0f}")
    for depth in DEPTHS:
        section.draw(
            f"requests-{depth}", f"A request, {depth} under way on each "
            "connection", "connections", "on-CPU time per request, µs",
            {name: [(n, turns.median(name) / 1e3)
                    for (n, d), turns in found.items() if d == depth]
             for name in servers if name != AGAIN})
