# SPDX-License-Identifier: MIT
"""Counts the cases of a JUnit file: "N passed, N failed, N skipped".

A line for each that was skipped stands before it."""

import os
import sys
import xml.etree.ElementTree as tree

if not os.path.exists(sys.argv[1]):
    sys.exit("no test was run: was it built with -Dtests=disabled?")
cases = list(tree.parse(sys.argv[1]).getroot().iter("testcase"))
failed = sum(
    case.find("failure") is not None or case.find("error") is not None
    for case in cases)
skipped = sum(case.find("skipped") is not None for case in cases)
for case in cases:
    if case.find("skipped") is not None:
        print("skipped:", case.get("classname"), case.get("name"))
print(f"{len(cases) - failed - skipped} passed, {failed} failed, "
      f"{skipped} skipped")
sys.exit(failed > 0 or not cases)
