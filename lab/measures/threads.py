# SPDX-License-Identifier: MIT
"""What workers cost each other, and whether each gets its share of the work."""

from measures.servers import Bare, Smx
from measures.slices import Working, take_turns

CONNECTIONS = 64
SHARED_BY = 2, 8


def bare(lab, threads, cores):
    return Bare(lab, options=["-t", threads], cores=cores)


def smx(lab, threads, cores):
    return Smx(lab, threads=threads, cores=cores)


def measure(lab, section, cost, share):
    compare_costs(lab, section, cost)
    compare_shares(lab, section, share)


def side(lab, start, threads, cores, *options, **how):
    return lambda stack: Working(stack, start(lab, threads, cores),
                                 "--connections", CONNECTIONS, *options, **how)


def compare_costs(lab, section, most):
    """Two workers get two cores, since only then can they be in each other's
    way. If there is no third core, the load shares one of the two."""
    cores = {1: lab.server_cores, 2: lab.two_cores}
    makers = {"smx": smx, "bare": bare, "bare again": bare}
    turns = take_turns(lab, "threads, cost", {
        (name, threads): side(lab, start, threads, cores[threads])
        for name, start in makers.items() for threads in (2, 1)}, lab.rounds)

    def dearer(turn, name):
        return turn[name, 2].cpu / turn[name, 1].cpu

    def beside_bare(name):
        return turns.spread(lambda t: dearer(t, name) / dearer(t, "bare"))

    section.judge("on-CPU per request, two workers ÷ one: smx ÷ bare",
                  beside_bare("smx"), most, beside_bare("bare again"))
    table = section.show("program", "one worker, µs", "two workers, µs",
                         "two ÷ one")
    for name in makers:
        table.row(name, *(f"{turns.median((name, threads)) / 1e3:.2f}"
                          for threads in (1, 2)),
                  f"{turns.spread(lambda t, n=name: dearer(t, n))[1]:.3f}")
    section.count(turns)


def compare_shares(lab, section, most):
    """Each connection asks equally often, and all workers share one core, so
    that they differ only in how many connections each was dealt. The bare
    program's shares are shown beside them, but are not a control."""
    makers = {"smx": smx, "bare": bare}
    for workers in SHARED_BY:
        turns = take_turns(lab, f"threads, shares of {workers}", {
            name: side(lab, start, workers, lab.server_cores, "--equally",
                       longer=4)
            for name, start in makers.items()}, lab.few_rounds)

        def spread(name, workers=workers, turns=turns):
            return turns.spread(lambda t: unequal(t[name].threads, workers))

        section.judge(f"largest ÷ smallest share of {workers} workers",
                      spread("smx"), most, spread("bare"), worth=0)
        section.count(turns)


def unequal(threads, workers):
    """The workers are those that did most."""
    shares = sorted(threads)[-workers:]
    return shares[-1] / shares[0]
