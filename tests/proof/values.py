# SPDX-License-Identifier: MIT
"""Frama-C's Eva: every run of a function at once, with any input.

An entry point of values/ makes the input and calls the real source. Nothing may
be left open: an access that may be out of bounds, a value that may not be there,
an assertion that may not hold, a call that may not return. And a source with a
bug put in must raise an alarm, else the analysis would not notice.
"""

import csv
import os
import re
import subprocess
import tempfile
from pathlib import Path

from values_cases import ENTRIES, FULL, SHORT, WITH_BUG

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent / "values"
UNIT = "statements"
PATIENCE = 3600
PROGRAM = ("frama-c", "-no-unicode", "-c11", "-machdep", "gcc_x86_64")
# What has neither a body nor a contract would do anything, or nothing.
STRICT = ("-kernel-warn-key", "annot:missing-spec=abort,"
          "typing:implicit-function-declaration=abort")
EVA = ("-eva", "-eva-precision", "6", "-eva-warn-key",
       "libc:unsupported-spec=inactive", "-nonterm", "-metrics-eva-cover")
# A state for each way that was taken, so that what one function has compared
# is known in the next.
BY_PATH = ("-eva-split-return", "full", "-eva-interprocedural-splits",
           "-eva-slevel", "5000")
COVERED = re.compile(
    r"^  (\w+): (\d+) stmts out of (\d+) \((\d+)\.\d+%\)$", re.M)
PLAIN = re.compile(r"_\d+$")
NO_END = re.compile(r"\[nonterm[^\]]*\] (\S+)|NON TERMINATING")
HOLDS = ("Valid", "Considered valid", "Dead")


def analyse(entry, sources, form, folder):
    """What Frama-C prints, and the properties that it reports."""
    report = Path(folder) / "properties.csv"
    done = subprocess.run(
        (*PROGRAM, *STRICT,
         f"-cpp-extra-args=-I{folder}/src -I{ROOT}/src -I{HERE}/include "
         f"-include {HERE}/before.h {entry.defined(form)}",
         *(str(source) for source in sources), "-main", entry.name,
         *EVA, *(BY_PATH if entry.by_path else ()),
         *(("-eva-use-spec", ",".join(entry.assumed)) if entry.assumed else ()),
         *entry.options,
         "-then", "-report-csv", str(report)),
        cwd=folder, env={**os.environ, "HOME": folder}, timeout=PATIENCE,
        capture_output=True, text=True, check=False)
    if done.returncode or not report.exists():
        return (done.stdout + done.stderr).strip()[-800:], None
    with report.open(encoding="utf-8") as rows:
        return done.stdout, list(csv.DictReader(rows, delimiter="\t"))


def alarms(entry, properties):
    """What may not hold. What is dead was not reached: see gaps()."""
    for row in properties:
        # What a contract promises of a function that is not entered.
        assumed = (row["property kind"] == "postcondition" and
                   row["function"] in entry.assumed)
        alarm = (f"{row['file']}:{row['line']}: {row['property kind']}, "
                 f"{row['status'].lower()}: {row['property']}")
        if row["status"] not in HOLDS and not assumed and not any(
                text in alarm for text in entry.left):
            yield alarm


def gaps(entry, text):
    """Of which functions less was reached than the row says."""
    reached = {name: int(share) for name, _, _, share in COVERED.findall(text)
               if name not in entry.assumed}
    for name, share in reached.items():
        kind = PLAIN.sub("", name)
        if not entry.whole and kind not in (*entry.covers, *entry.partly):
            continue
        least = entry.partly.get(kind, 100)
        if share < least:
            yield f"{name}: {share} % reached, {least} % expected"
    # One function of a header is several here: name, name_0, ...
    plain = {PLAIN.sub("", name) for name in reached}
    for name in set(entry.covers) - plain:
        yield f"{name} was not reached"


def examine(entry, form):
    def run():
        with tempfile.TemporaryDirectory() as folder:
            text, properties = analyse(
                entry, [ROOT / path for path in entry.sources], form, folder)
        if properties is None:
            return text, 0
        wrong = [*alarms(entry, properties), *gaps(entry, text)]
        if NO_END.search(text):
            wrong.append(f"does not end: {NO_END.search(text)[0]}")
        figure = sum(int(count) for _, count, _, _ in COVERED.findall(text))
        return "\n        ".join(wrong[:20]) or None, figure
    return run


def put_in(bug, folder):
    """The source with the bug, in a file of its own."""
    text = (ROOT / bug.source).read_text(encoding="utf-8")
    if text.count(bug.old) != 1:
        return None
    path = Path(folder) / bug.source
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(bug.old, bug.new), encoding="utf-8")
    return path


def provoke(entry, bug):
    def run():
        with tempfile.TemporaryDirectory() as folder:
            path = put_in(bug, folder)
            if not path:
                return f"{bug.source} does not have, once: {bug.old}", 0
            sources = [path if source == bug.source else ROOT / source
                       for source in entry.sources]
            text, properties = analyse(entry, sources, WITH_BUG, folder)
        if properties is None:
            return text, 0
        figure = sum(int(count) for _, count, _, _ in COVERED.findall(text))
        found = list(alarms(entry, properties))
        if any(bug.alarm in alarm for alarm in found):
            return None, figure
        return f"no alarm of {bug.alarm}, but {found[:5]}", figure
    return run


def cases(short):
    """Each a name and a function that returns what went wrong, or None, and a
    figure."""
    for entry in ENTRIES:
        for bug in entry.bugs:
            yield f"{entry.name}: {bug.name}", provoke(entry, bug)
    for entry in ENTRIES:
        yield entry.name, examine(entry, SHORT if short else FULL)
