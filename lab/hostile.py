#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Attacks smx-server with thousands of real connections, from network
namespaces that it makes, while honest clients use that server and, as a
control, another one that is left alone. Prints each result next to the control
and the bound; exits with 1 if a bound is missed.

Run it as `./dev hostile`, as root or where users may make namespaces (else it
exits with 77). It needs Linux.
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from crowd import (combined, deadlines, descriptors, ground, herd, log, memory,
                   rates, report, sources, stage, unread)
from measures import machine, plots
from measures.processes import Failure, Program

# name, what it is about, how it is measured
SCENARIOS = [
    ("rates", "key exchanges a second, over connections and workers",
     rates.measure),
    ("herd", "thousands of secure clients connect at once", herd.measure),
    ("combined", "every kind of attacker at the same time", combined.measure),
    ("unread", "peers that send requests and never read", unread.measure),
    ("sources", "one source holds every place", sources.measure),
    ("memory", "the memory that connections take and return", memory.measure),
    ("descriptors", "more peers than descriptors", descriptors.measure),
    ("log", "what hostile connections leave in the log", log.measure),
    ("deadlines", "half-open connections end in time", deadlines.measure),
]
NAMES = [name for name, *_ in SCENARIOS]
CANNOT = 77             # as meson understands it: skipped
TROUBLE = Failure, OSError, subprocess.SubprocessError, ValueError


def parse():
    lines = "\n".join(f"  {name:<13}{what}" for name, what, _ in SCENARIOS)
    parser = argparse.ArgumentParser(
        prog="./dev hostile", description=__doc__,
        epilog=f"scenarios (default: all):\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", metavar="DIR", type=pathlib.Path,
                        default="build-bench", help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true",
                        help="smaller crowds, less time: under three minutes")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path,
                        help="write the results there too, as JSON")
    parser.add_argument("--plots", metavar="DIR", type=pathlib.Path,
                        help="write the curves to DIR as SVG")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    args = parser.parse_args()
    for name in args.scenarios:
        if name not in NAMES:
            parser.error(f"no scenario '{name}'; there are {', '.join(NAMES)}")
    return args


def play(table, name, measure, where):
    table.scenario = name
    try:
        measure(where, table)
    except TROUBLE as trouble:
        table.fail(trouble)


def main():
    args = parse()
    for ending in signal.SIGTERM, signal.SIGHUP:
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    room = machine.raise_descriptors()
    ground.leave_home()
    table = report.Table(lambda line: print(line, flush=True))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        where = stage.Stage(args.build.resolve(), pathlib.Path(folder),
                            *ground.prepare(), room, args.short)
        table.heading()
        for name, _, measure in SCENARIOS:
            if not args.scenarios or name in args.scenarios:
                play(table, name, measure, where)
    facts = {"short": args.short, "descriptors": room,
             "seconds": round(time.monotonic() - began),
             "load": os.getloadavg()[0]}
    print(f"\n{table.summary()}; {facts['seconds']} s, load average at the "
          f"end {facts['load']:.1f}")
    if args.json:
        with open(args.json, "w") as file:
            table.dump(file, facts)
    if args.plots:
        for plot in table.plots:
            plots.draw(plot, args.plots)
    return 0 if table.is_good() else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ground.Forbidden as why:
        print(f"./dev hostile: {why}", file=sys.stderr)
        sys.exit(CANNOT)
    except Failure as failure:
        sys.exit(f"./dev hostile: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        Program.end_all()
