#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what smx-server costs (CPU time, instructions, system calls, memory
and wake-ups), compared with a bare program that moves the same bytes, libsodium
alone, Redis, and nginx with TLS 1.3, at the same time on the same machine.

Run it as `./dev bench` on a machine that has nothing else to do. It needs Linux
and two cores. Programs that are not installed are left out and listed.
"""

import argparse
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from measures import (counted, growth, handshakes, idle, machine, plots, report,
                 requests, threads)
from measures.processes import Failure, Missing, Program
from measures.servers import Smx

# Name, what it measures, how, and the targets: ratios, unless their names say
# otherwise.
MEASURES = [
    ("instructions", "user instructions, counted", counted.instructions,
     {"xor": 250, "pair": 1.12, "handshake": 1.20, "allocations": 0}),
    ("calls", "system calls when all sessions are ready at once",
     counted.system_calls, {"beyond": 4}),
    ("requests", "on-CPU time of the server per request", requests.measure,
     {"xor": 1.05, "noise": 1.25, "xor_deep": 100, "noise_deep": 1.2}),
    ("growth", "on-CPU time per request, the more connections are busy",
     growth.measure, {"most": 1.10}),
    ("handshakes", "on-CPU time of the server per handshake", handshakes.measure,
     {"calls": 1.10, "tls": 1.00, "floor": 0.80}),
    ("idle", "sessions that do nothing", idle.measure,
     {"memory": 256, "wakes": 0, "busy": 1.03}),
    ("threads", "several workers", threads.measure,
     {"cost": 1.10, "share": 1.10}),
]
NAMES = [name for name, *_ in MEASURES]
SPARE_DESCRIPTORS = 300
TROUBLE = Failure, OSError, subprocess.SubprocessError


@dataclasses.dataclass
class Lab:
    """Where everything is, and how much is measured."""
    server: str
    bare: str
    load: str
    sodium: str
    still: str
    folder: pathlib.Path
    progress: report.Progress
    sessions: int = 15_000
    rounds: int = 8             # of two turns each
    few_rounds: int = 4         # if there is no target
    slice_seconds: float = 0.25
    watch_seconds: int = 10
    counted_rounds: tuple = (10, 60)
    counted_pairs: tuple = (1_000, 5_000)
    counted_handshakes: tuple = (20, 120)

    def __post_init__(self):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise Failure("it needs two cores")
        self.server_cores, self.two_cores = {cores[0]}, set(cores[:2])
        self.load_cores = {cores[min(2, len(cores) - 1)]}

    def has(self, program, section, whose):
        """Is it installed? If not, the section notes it."""
        if shutil.which(program):
            return True
        section.note(f"{program} is not installed: no {whose}.")
        return False


QUICK = {"sessions": 1_000, "rounds": 1, "few_rounds": 1,
         "slice_seconds": 0.05, "watch_seconds": 1}


def parse():
    measures = "\n".join(f"  {name:<14}{what}" for name, what, *_ in MEASURES)
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__,
        epilog=f"measures (default: all):\n{measures}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", metavar="DIR", type=pathlib.Path,
                        default="build-bench", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true",
                        help="try everything briefly; the figures mean nothing")
    parser.add_argument("--markdown", metavar="FILE", type=pathlib.Path,
                        help="also write the results to FILE, replacing the "
                             "block of results in it, if any")
    parser.add_argument("--plots", metavar="DIR", type=pathlib.Path,
                        help="write the curves to DIR as SVG")
    parser.add_argument("measures", nargs="*", metavar="MEASURE")
    args = parser.parse_args()
    for name in args.measures:
        if name not in NAMES:
            parser.error(f"unknown measure '{name}'; expected "
                         f"{', '.join(NAMES)}")
    return args


def new_lab(args, folder):
    sizes = dict(QUICK) if args.quick else {}
    room = machine.raise_descriptors() - SPARE_DESCRIPTORS
    if room < sizes.get("sessions", Lab.sessions):
        print(f"Only {room} descriptors are allowed, so there are that many "
              "sessions.",
              file=sys.stderr)
        sizes["sessions"] = room
    build = args.build.resolve()
    return Lab(build / "src/smx-server", build / "lab/bare",
               build / "lab/load", build / "lab/sodium",
               build / "lab/libstill.so", pathlib.Path(folder), report.Progress(), **sizes)


def take(lab, name, what, measure, wanted):
    """The section, and whether it could be measured."""
    section = report.Section(name, what)
    try:
        measure(lab, section, **wanted)
        done = True
    except Missing as missing:
        section.note(f"Left out: {missing}.")
        done = True
    except TROUBLE as trouble:
        section.note(f"NOT MEASURED: {trouble}.")
        done = False
    finally:
        Program.end_all()
        lab.progress()
    print(*section.text(), sep="\n", flush=True)
    return section, done


def draw(sections, folder, beside):
    try:
        for section in sections:
            for plot in section.plots:
                plots.draw(plot, folder)
                section.pictures.append(
                    os.path.relpath(plot.path(folder), beside))
    except TROUBLE as trouble:
        print(f"No curves: {trouble}.", file=sys.stderr)


def main():
    args = parse()
    for ending in signal.SIGTERM, signal.SIGHUP:
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory() as folder:
        lab = new_lab(args, folder)
        os.sched_setaffinity(0, lab.load_cores)     # out of the servers' way
        facts = report.Table("", "")
        for fact in machine.facts(lab):
            facts.row(*fact)
        print(*facts.text(), "", sep="\n", flush=True)
        with Smx(lab):
            pass        # makes its key, so that all later runs are alike
        taken = [take(lab, *row) for row in MEASURES
                 if not args.measures or row[0] in args.measures]
    sections = [section for section, _ in taken]
    if args.plots:
        draw(sections, args.plots,
             args.markdown.parent if args.markdown else args.plots)
    if args.markdown:
        report.write_markdown(args.markdown, [
            *facts.markdown(), "",
            *(line for section in sections for line in section.markdown())])
    return 0 if all(done for _, done in taken) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"./dev bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        Program.end_all()
