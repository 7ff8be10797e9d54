#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the instructions that the main paths of the server take in its own
code with those recorded beside this file, so that a change that makes it slower
is noticed at once. Prints TAP.

    lab/instructions.py BUILD HOW [--record]

HOW says with what it was built, and how. Counts can be compared only where all
of that is the same; elsewhere the test is skipped. If a change is meant to cost
something, record the new counts with --record (`meson test instructions -v`
shows the command).
"""

import argparse
import json
import pathlib
import platform
import shutil
import signal
import sys
import tempfile

from measures import report
from measures.counts import requests_slope
from measures.processes import Program
from measures.servers import Smx
from compare import Lab

RECORD = pathlib.Path(__file__).with_name("instructions.json")
MARGIN = 0.03
SESSIONS = 64
ROUNDS = 10, 110       # of the 64 sessions


def paths(lab):
    """Names, and what counts each. The handshake is not among them, because
    how often the server wakes for one depends on time."""
    for exchange in "xor", "noise":
        def start(exchange=exchange, **how):
            return Smx(lab, exchange, **how)
        for depth in 1, 16:
            yield (f"{exchange}: a request, {depth} in a read",
                   lambda start=start, depth=depth: requests_slope(
                       lab, start, SESSIONS, depth, *ROUNDS))


def ours(profile):
    return profile.files["smx-server"]


def count(lab):
    for name, slope in paths(lab):
        yield name, slope().each(ours)


def verdict(number, name, found, recorded):
    off = found / recorded - 1
    says = f"{name}: {found:.1f} instructions, {off:+.1%} from the record"
    if off < -MARGIN:
        says += " (better: record it)"
    return f"{'not ok' if abs(off) > MARGIN else 'ok'} {number} - {says}"


def why_not(recorded, here):
    if not shutil.which("valgrind"):
        return "valgrind is not installed"
    if recorded["where"] != here:
        return f"recorded for {recorded['where']}, this is {here}"
    return None


def lab_of(build, folder):
    return Lab(build / "src/smx-server", build / "lab/bare",
               build / "lab/load", build / "lab/sodium",
               build / "lab/libstill.so", pathlib.Path(folder),
               report.Progress())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("how")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    here = f"{args.how}, {' '.join(platform.libc_ver())}, {platform.machine()}"
    with tempfile.TemporaryDirectory() as folder:
        lab = lab_of(args.build.resolve(), folder)
        if args.record:
            found = {name: round(n, 1) for name, n in count(lab)}
            RECORD.write_text(json.dumps(
                {"where": here, "instructions": found}, indent=2) + "\n")
            return
        recorded = json.loads(RECORD.read_text())
        if why_not(recorded, here):
            print(f"1..0 # SKIP {why_not(recorded, here)}")
            return
        print(f"1..{len(recorded['instructions'])}", flush=True)
        for number, (name, found) in enumerate(count(lab), 1):
            print(verdict(number, name, found,
                          recorded["instructions"][name]), flush=True)


if __name__ == "__main__":
    try:
        main()
    finally:
        Program.end_all()
