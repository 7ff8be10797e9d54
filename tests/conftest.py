# SPDX-License-Identifier: MIT
"""Results as TAP, of all tests that are written in Python.

    SMX_TAP=1 python3 -m pytest -p no:terminal tests/system
"""

import os


class Tap:
    """Prints one line a test, and as comments why a test failed."""

    def __init__(self):
        self.number = 0
        self.reports = []
        self.skipped = []   # whole files

    def pytest_collection_finish(self, session):
        count = len(session.items) + len(self.skipped)
        print(f"TAP version 13\n1..{count}", flush=True)
        for name, why in self.skipped:
            self.number += 1
            print(f"ok {self.number} - {name} # SKIP {why}", flush=True)

    def pytest_collectreport(self, report):
        if report.failed:
            self.comment(report.longreprtext)
            print(f"Bail out! {report.nodeid} cannot be collected", flush=True)
        elif report.skipped:
            name = report.nodeid.rpartition("/")[2]
            self.skipped.append((name, report.longrepr[2]))

    def pytest_runtest_logreport(self, report):
        self.reports.append(report)

    def pytest_runtest_logfinish(self, nodeid):
        self.number += 1
        name = nodeid.rpartition("/")[2].replace("#", "number ")
        bad = [report for report in self.reports if report.failed]
        skipped = [report for report in self.reports if report.skipped]
        end = f" # SKIP {skipped[0].longrepr[2]}" if skipped else ""
        print(f"{'not ' if bad else ''}ok {self.number} - {name}{end}",
              flush=True)
        for report in bad:
            self.comment(report.longreprtext)
        self.reports = []

    def comment(self, text):
        for line in text.splitlines():
            print(f"# {line}", flush=True)


def pytest_configure(config):
    if os.environ.get("SMX_TAP") == "1":
        config.pluginmanager.register(Tap())
