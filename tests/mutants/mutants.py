#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev mutants: bugs that are put in one at a time, and that a test must see.

Each is a row in rows.py. It is put into a copy of the tree, the named test is
built and run, and must fail; without any of them it must pass. The last line has
the figures, and ends in what failed.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import ROWS

ROOT = Path(__file__).resolve().parents[2]
SHORT_SECONDS = 90
TEST_SECONDS = 15  # a bug may make it hang: that is seen as well


class Room:
    """A copy of the tree, and a folder in which it is built."""

    def __init__(self, folder):
        self.tree, self.build = Path(folder, "tree"), Path(folder, "build")
        names = subprocess.run(
            ["git", "-C", ROOT, "ls-files", "-z"], check=True,
            capture_output=True).stdout.decode().split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)
        subprocess.run(
            ["meson", "setup", self.build, self.tree, "-Dtests=enabled",
             "-Dman=disabled", "-Db_lto=false", "-Doptimization=1"],
            check=True, stdout=subprocess.DEVNULL)

    def compile(self, tests):
        return subprocess.run(
            ["ninja", "-C", self.build, *(f"tests/unit-{t}" for t in tests)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False).returncode == 0

    def passes(self, test, everything=False):
        """The named unit test, or all of the suite."""
        command = [self.build / "tests" / f"unit-{test}"]
        if everything:
            command = ["meson", "test", "-C", self.build, "--suite", "unit",
                       "--timeout-multiplier", "0.5"]
        running = subprocess.Popen(
            command, cwd=self.build, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        try:
            return running.wait(900 if everything else TEST_SECONDS) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            # With whatever it has started; nothing may be left.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()

    def fault(self, row, everything):
        """Why this bug has not been caught, or None."""
        _, file, old, new, test = row
        path = self.tree / "src" / file
        text = path.read_text()
        if text.count(old) != 1:
            return f"its text is in {file} {text.count(old)} times, not once"
        try:
            path.write_text(text.replace(old, new))
            if not self.compile([test]):
                return "it does not compile"
            if self.passes(test, everything):
                return f"{test} does not notice"
        finally:
            path.write_text(text)
        return None


def chosen(options):
    rows = list(enumerate(ROWS, 1))
    if options.only:
        return [rows[n - 1] for n in options.only if 1 <= n <= len(rows)]
    if options.short:
        random.Random(options.seed).shuffle(rows)
    return rows


def main():
    parser = argparse.ArgumentParser(
        prog="./dev mutants",
        description="Put in one bug at a time, and see that a test fails.",
        epilog="Exit status: 0 if each bug is caught, 1 if not.")
    parser.add_argument("--list", action="store_true",
                        help="say what there is, and do nothing")
    parser.add_argument("--all", action="store_true",
                        help="run all unit tests for each bug, not only its own")
    parser.add_argument("--only", type=int, nargs="+", metavar="N",
                        help="only these, by number")
    parser.add_argument("--short", action="store_true",
                        help=f"as many as fit in {SHORT_SECONDS} seconds")
    parser.add_argument("--seed", default="",
                        help="which come first with --short")
    options = parser.parse_args()
    if options.list:
        for number, (name, file, *_, test) in enumerate(ROWS, 1):
            print(f"{number:3}  {file:24} {test:15} {name}")
        return 0
    end = time.monotonic() + SHORT_SECONDS
    tried = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        room = Room(folder)
        rows = chosen(options)
        tests = sorted({row[-1] for _, row in rows})
        if not room.compile(tests):
            sys.exit("mutants: the tests do not compile")
        for test in tests:
            if not room.passes(test):
                print(f"FAILED  {test} fails without any bug", flush=True)
                failed += 1
        for number, row in rows:
            if options.short and time.monotonic() > end:
                break
            begun = time.monotonic()
            fault = room.fault(row, options.all)
            tried += 1
            failed += bool(fault)
            print(f"{'MISSED' if fault else 'caught'}  "
                  f"{time.monotonic() - begun:5.1f} s  {number:3} {row[0]}"
                  f"{': ' + fault if fault else ''}", flush=True)
    print(f"{tried} of {len(ROWS)} mutants, {len(tests)} tests, "
          f"{tried and tried - failed} caught, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    os.nice(5)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
