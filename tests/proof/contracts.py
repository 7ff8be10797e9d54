# SPDX-License-Identifier: MIT
"""Frama-C's WP: contracts of functions, proved for inputs of any length.

The annotations in contracts/ are put into a copy of the source. All that a
contract promises must be proved, with what the code itself must not do (read
out of bounds, shift too far), and each loop must end. A source with a bug put in
must leave something unproved, else the contract would say too little.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from values import PROGRAM, ROOT, STRICT
from values_cases import Bug

HERE = Path(__file__).resolve().parent
UNIT = "goals"
PATIENCE = 3600
PROVERS = "cvc4,z3"
# For each goal, of each prover: the slowest takes six, and they are all of
# command_match. What does not hold is never proved, and costs all of them.
SECONDS, SECONDS_WITH_BUG = 20, {"command_match": 10}
PROVED = re.compile(r"^\[wp\] Proved goals: +(\d+) / (\d+)$", re.M)
GOAL = re.compile(r"^\[wp\] \[([^\]]*)\] Goal (\S+)(?: : (Valid))?", re.M)


class Module(NamedTuple):
    """What is proved of a source: of which functions, and how much at least."""
    name: str
    source: str
    functions: tuple
    goals: int
    bugs: tuple
    besides: tuple = ()  # what others of its functions call


MODULES = (
    Module("command", "src/proto/command.c",
           ("min_size", "is_white", "begins", "command_match",
            "command_parse", "command_length"), 90,
           (Bug("no word", "src/proto/command.c",
                "command < COUNT_OF(commands) ? commands[command].length",
                "command <= COUNT_OF(commands) ? commands[command].length",
                "command_length"),
            Bug("a word that is cut off", "src/proto/command.c",
                "if (n < length)", "if (n + 1 < length)", "command_match"),
            Bug("the word is longer", "src/proto/command.c",
                "min_size(n, length)", "length", "command_match"),
            Bug("before the text", "src/proto/command.c",
                "while (n && is_white", "while (is_white",
                "command_parse"))),
    # Of is_short_word, Eva shows it: see values_cases.py.
    Module("recover", "src/proto/recover.c",
           ("min_size", "is_white", "skip_white", "match_at", "is_plain",
            "recover_by_rule", "recover_request"), 140,
           (Bug("the rest is longer", "src/proto/recover.c",
                "n - rest, &next", "n, &next", "recover_by_rule"),
            Bug("no window", "src/proto/recover.c",
                "n = min_size(n, MESSAGE_MAX); /*", "/*",
                "recover_by_rule"),
            Bug("a window that is never full", "src/proto/recover.c",
                "if (!late && n < MESSAGE_MAX)", "if (!late)",
                "recover_by_rule"),
            Bug("a word that is longer", "src/proto/recover.c",
                "word + command_length(*request)", "word + 4",
                "recover_by_rule"),
            Bug("white space beyond the end", "src/proto/recover.c",
                "from < n &&", "from <= n &&", "skip_white"),
            Bug("beyond the key", "src/proto/recover.c",
                "key[at % XOR_KEY_BYTES]", "key[at]", "match_at"),
            Bug("text beyond the end", "src/proto/recover.c",
                "length < sizeof(text) && at < n", "length < sizeof(text)",
                "match_at"),
            Bug("a pair that is cut off", "src/proto/recover.c",
                "2 * (size_t)COMMAND_SHORT", "(size_t)COMMAND_SHORT",
                "is_plain")),
           ("src/proto/command.c", "src/crypto/xor.c")),
    # Of bucket_of and top_of, the mean and the deviation, Eva shows it.
    Module("histogram", "src/bench/histogram.c",
           ("get", "set", "value_of", "histogram_record", "histogram_add",
            "histogram_total", "histogram_max", "histogram_at",
            "histogram_up_to"), 90,
           (Bug("the first, not the largest", "src/bench/histogram.c",
                "if (value > get(&h->max))", "if (!get(&h->max))",
                "histogram_record"),
            Bug("the largest of the other", "src/bench/histogram.c",
                "if (get(&from->max) > get(&h->max))", "if (total)",
                "histogram_add"),
            Bug("above the largest", "src/bench/histogram.c",
                "top < max ? top : max", "top", "value_of"),
            Bug("one more", "src/bench/histogram.c",
                "i <= bucket_of(value)", "i <= bucket_of(value) + 1",
                "histogram_up_to"))),
)


def annotated(module, text):
    """The text with what contracts/ says of it; None if it is not about it."""
    parts = (HERE / "contracts" / f"{module}.acsl").read_text(encoding="utf-8")
    done = ""
    for part in parts.split("\n@@ ")[1:]:
        line, _, annotation = part.partition("\n")
        before, found, text = text.partition(f"\n{line}")
        if not found:
            return None
        done += f"{before}\n{annotation.strip()}{found}"
    return done + text


def prove(module, bug, folder):
    """What Frama-C prints of the source, with a bug or None."""
    text = (ROOT / module.source).read_text(encoding="utf-8")
    if bug and text.count(bug.old) != 1:
        return f"{module.source} does not have, once: {bug.old}"
    text = annotated(module.name, text)
    if text and bug:
        text = text.replace(bug.old, bug.new)
    if not text:
        return f"contracts/{module.name}.acsl is not about {module.source}"
    path = Path(folder) / f"{module.name}.c"
    path.write_text(text, encoding="utf-8")
    # Provers are looked for in this folder, and remembered there.
    environment = {**os.environ, "HOME": folder}
    subprocess.run(("why3", "config", "detect"), env=environment, cwd=folder,
                   capture_output=True, timeout=PATIENCE, check=False)
    done = subprocess.run(
        (*PROGRAM, *STRICT,
         f"-cpp-extra-args=-I{ROOT}/src -I{HERE}/contracts "
         f"-I{HERE}/values/include -include {HERE}/values/before.h",
         str(path), *(str(ROOT / source) for source in module.besides),
         # That results are numbers, Eva shows.
         "-wp", "-wp-prop=-is_nan_or_infinite", "-wp-rte", "-wp-check-memory-model",
         "-wp-prover", PROVERS, "-wp-par", "1", "-wp-timeout",
         str(SECONDS_WITH_BUG.get(bug.alarm, 3) if bug else SECONDS),
         "-wp-fct", bug.alarm if bug else ",".join(module.functions)),
        cwd=folder, env=environment, timeout=PATIENCE, capture_output=True,
        text=True, check=False)
    return done.stdout + done.stderr


def verdict(text):
    """How many goals were proved, and the names of those that were not."""
    count = PROVED.search(text)
    left = [name for _, name, valid in GOAL.findall(text) if not valid]
    return int(count[1]) if count else 0, left


def check(module):
    def run():
        with tempfile.TemporaryDirectory() as folder:
            text = prove(module, None, folder)
        proved, left = verdict(text)
        count = PROVED.search(text)
        if left or not count or count[1] != count[2]:
            return f"not proved: {left}\n{text[-800:]}", proved
        silent = [name for name in module.functions
                  if not any(f"typed_{name}_" in goal
                             for _, goal, _ in GOAL.findall(text))]
        if silent or proved < module.goals:
            return f"{proved} goals; none of {silent}", proved
        return None, proved
    return run


def provoke(module, bug):
    def run():
        with tempfile.TemporaryDirectory() as folder:
            text = prove(module, bug, folder)
        proved, left = verdict(text)
        if proved and any(f"typed_{bug.alarm}_" in goal for goal in left):
            return None, proved
        return f"all of {bug.alarm} was proved, not {left}" if proved \
            else text[-800:], proved
    return run


def cases(short):
    """Each a name and a function that returns what went wrong, or None, and a
    figure. In the short form, one bug of each source."""
    for module in MODULES:
        for bug in module.bugs[:1 if short else None]:
            yield f"{module.name}: {bug.name}", provoke(module, bug)
    for module in MODULES:
        yield module.name, check(module)
