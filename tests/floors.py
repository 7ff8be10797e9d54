# SPDX-License-Identifier: MIT
"""Checks that the house stands as docs/design.md draws it, as TAP.

    python3 tests/floors.py [the project's root]

A folder includes only folders below it; every file says its licence and every
header is read once; floors 0 to 3 neither print nor exit. First it checks
itself on houses that are built wrong.
"""

import re
import sys
import tempfile
from pathlib import Path

FLOORS = {"base": 0, "crypto": 1, "net": 1, "proto": 2, "lib": 3,
          "server": 4, "client": 4, "bench": 4, "keygen": 4, "lab": 4}
PUBLIC = {"smx.h": "lib"}  # headers in include/, and whose they are
SILENT = range(4)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
COMMENT_OR_STRING = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
LOUD = re.compile(
    r"\b(?:(?:v?printf|puts|putchar|perror|psignal|warnx?|errx?|"
    r"_?exit|_Exit|quick_exit|abort)\s*\(|stdout\b|stderr\b)")


def include_faults(root, folder, text):
    for quote, path in INCLUDE.findall(text):
        if quote == "<" and not (root / "src" / path).exists():
            continue  # the system's
        target = PUBLIC.get(path) or path.rpartition("/")[0]
        if target not in FLOORS:
            yield f"{path} is on no floor"
        elif target != folder and FLOORS[target] >= FLOORS[folder]:
            yield f"{folder}/ must not include {path}"


def faults(root, file):
    text = file.read_text()
    folder = file.parent.name
    if "SPDX-License-Identifier: MIT" not in text.partition("\n")[0]:
        yield "the first line is not the licence"
    if file.suffix == ".h" and "\n#pragma once\n" not in text:
        yield "no #pragma once"
    if folder == "include":
        return
    if folder not in FLOORS:
        yield f"{folder}/ is on no floor"
        return
    yield from include_faults(root, folder, text)
    if FLOORS[folder] in SILENT:
        for loud in LOUD.findall(COMMENT_OR_STRING.sub(" ", text)):
            yield f"floors 0 to 3 neither print nor exit: {loud}"


def sources(root):
    return sorted(file for folder in ("src", "lab", "include")
                  for file in (root / folder).rglob("*.[ch]"))


SPDX = "// SPDX-License-Identifier: MIT"
GOOD = f"{SPDX}\n#pragma once\n"
# A file of a made-up tree, what is in it, and whether that is a fault.
TRIALS = [
    ("src/proto/a.h", GOOD, False),
    ("src/proto/a.h", GOOD + '#include "proto/b.h"\n', False),
    ("src/proto/a.h", GOOD + '#include "crypto/b.h"\n', False),
    ("src/net/a.c", GOOD + "#include <net/if.h>\n", False),
    ("src/client/a.c", GOOD + '#include "smx.h"\n', False),
    ("src/base/a.c", GOOD + '/* exit() */ // puts()\nsnprintf("exit()");\n',
     False),
    ("src/server/a.c", GOOD + "exit(1);\n", False),
    ("src/proto/a.h", GOOD + '#include "lib/b.h"\n', True),
    ("src/base/a.c", GOOD + '  # include "net/b.h"\n', True),
    ("src/net/a.c", GOOD + '#include "crypto/b.h"\n', True),
    ("src/crypto/a.c", GOOD + '#include "net/b.h"\n', True),
    ("src/net/a.c", GOOD + "#include <proto/b.h>\n", True),
    ("src/server/a.c", GOOD + '#include "client/b.h"\n', True),
    ("src/proto/a.c", GOOD + '#include "smx.h"\n', True),
    ("src/proto/a.c", GOOD + '#include "../net/b.h"\n', True),
    ("src/proto/a.c", GOOD + '#include "b.h"\n', True),
    ("src/attic/a.c", GOOD, True),
    ("src/base/a.h", SPDX + "\n", True),
    ("src/base/a.c", "int a;\n", True),
    ("src/base/a.c", GOOD + 'printf("a");\n', True),
    ("src/net/a.c", GOOD + "puts (a);\n", True),
    ("src/proto/a.c", GOOD + "fputs(a, stderr);\n", True),
    ("src/lib/a.c", GOOD + "exit(1);\n", True),
    ("include/a.h", SPDX + "\n", True),
]


def cases(root):
    """Pairs of what is checked and what is wrong with it."""
    for path, text, is_fault in TRIALS:
        with tempfile.TemporaryDirectory() as name:
            for file, lines in ("src/proto/b.h", GOOD), (path, text):
                file = Path(name) / file
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(lines)
            found = [f for s in sources(Path(name))
                     for f in faults(Path(name), s)]
        what = text.removeprefix(GOOD).strip().replace("#", "")
        yield (f"trial: {path}: {what!r}",
               [] if bool(found) == is_fault else [f"found: {found}"])
    files = sources(root)
    yield "there is a house", [] if len(files) > 20 else ["nothing found"]
    for file in files:
        yield str(file.relative_to(root)), list(faults(root, file))


def main():
    here = Path(__file__).resolve().parent.parent
    failed = count = 0
    for what, wrong in cases(Path(sys.argv[1]) if sys.argv[1:] else here):
        count += 1
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {count} - {what}")
        for fault in wrong:
            print(f"# {fault}")
    print(f"1..{count}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
