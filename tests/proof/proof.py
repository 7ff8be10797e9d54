#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev proof: the models of both exchanges, and any input of some
functions, with everything that must break.

The last line has the figures, and ends in what failed.
"""

import argparse
import concurrent.futures
import os
import shutil
import sys
import time

import contracts
import model
import values

# What is to be done, and the programs that do it.
PARTS = {"model": (model, ("spin", "cc")),
         "values": (values, ("frama-c", "gcc")),
         "contracts": (contracts, ("frama-c", "gcc", "why3", "cvc4", "z3"))}


def run(part, name, case):
    begun = time.monotonic()
    problem, figure = case()
    print(f"{'FAILED' if problem else 'ok':6}  {time.monotonic() - begun:6.1f} s"
          f"  {figure:>10}  {part} {name}", flush=True)
    if problem:
        print(f"        {problem}", flush=True)
    return bool(problem), part, figure


def summary(results):
    """What all parts have searched, in the unit of each."""
    for part, (module, _) in PARTS.items():
        figures = [figure for _, owner, figure in results if owner == part]
        if figures:
            yield f"{sum(figures)} {module.UNIT}"


def main():
    parser = argparse.ArgumentParser(
        prog="./dev proof", description="Search the models of both exchanges, and "
        "analyse and prove functions for any input.",
        epilog="Exit status: 0 if everything holds, and each variant breaks as "
        "it must, or was skipped for want of a program; 1 if not.")
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--short", action="store_true",
                        help="smaller models and inputs, three minutes in all")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part '{unknown[0]}'")
    jobs, skipped = [], []
    for part in options.parts or PARTS:
        module, programs = PARTS[part]
        missing = [name for name in programs if not shutil.which(name)]
        if missing:
            print(f"skipped: proof {part} (there is no {missing[0]})")
            skipped.append(part)
            continue
        jobs += [(part, *case) for case in module.cases(options.short)]
    # Those that come last take longest.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda job: run(*job), reversed(jobs)))
    failed = sum(problem for problem, _, _ in results)
    print(", ".join([*summary(results), f"{len(jobs)} cases",
                     f"{len(skipped)} parts skipped", f"{failed} failed"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
