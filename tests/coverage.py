# SPDX-License-Identifier: MIT
"""The coverage of each folder, from gcovr's summary in JSON."""

import collections
import json
import posixpath
import sys

folders = collections.defaultdict(collections.Counter)
for file in json.load(sys.stdin)["files"]:
    for folder in posixpath.dirname(file["filename"]), "total":
        folders[folder].update(
            {key: file[key] for key in (
                "line_total", "line_covered", "branch_total",
                "branch_covered")})
print(f"{'folder':<16}{'lines':>7}{'reached':>9}{'branches':>11}{'taken':>9}")
for folder, n in sorted(folders.items(), key=lambda row: row[0] == "total"):
    print(f"{folder:<16}{n['line_total']:>7}"
          f"{100 * n['line_covered'] / max(n['line_total'], 1):>8.1f}%"
          f"{n['branch_total']:>11}"
          f"{100 * n['branch_covered'] / max(n['branch_total'], 1):>8.1f}%")
sys.exit(not folders)
