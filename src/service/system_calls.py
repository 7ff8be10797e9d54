#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes system_calls.h: the name of each system call of the target machine.

    system_calls.py HEADER COMPILER [ARGUMENT]...
"""

import re
import subprocess
import sys

HEAD = """// SPDX-License-Identifier: MIT
/* Made by system_calls.py: what <sys/syscall.h> calls each number. */
#pragma once

static const char *const system_calls[] = {
"""


def main():
    header, *compiler = sys.argv[1:]
    macros = dict(re.findall(
        r"^#define (__NR\w+) (.+)$",
        subprocess.run([*compiler, "-dM", "-E", "-"], check=True, text=True,
                       input="#include <sys/syscall.h>\n",
                       stdout=subprocess.PIPE).stdout, re.M))
    numbers = {}
    for name, value in macros.items():
        if not name.startswith("__NR_"):
            continue
        # Some are (__NR_SYSCALL_BASE+1), or another's number.
        for _ in range(4):
            value = re.sub(r"__\w+", lambda m: macros.get(m[0], m[0]), value)
        if re.fullmatch(r"[\s\w()+]+", value) and "__" not in value:
            number = sum(int(n, 0) for n in re.findall(r"\w+", value))
            if number < 1024:  # not those that are only ARM's
                numbers.setdefault(number, name.removeprefix("__NR_"))
    with open(header, "w", encoding="ascii") as out:
        out.write(HEAD)
        for number, name in sorted(numbers.items()):
            out.write(f'\t[{number}] = "{name}",\n')
        out.write("};\n")


main()
