# SPDX-License-Identifier: MIT
"""Results as TAP, of all tests that are written in Python.

    SMX_TAP=1 python3 -m pytest -p no:terminal tests/system
"""

import collections
import os


class Tap:
    """Prints one line a test, and as comments why a test failed.

    Tests may run in several processes (pytest-xdist); the lines come from the
    one that hands them out.
    """

    def __init__(self):
        self.number = 0
        self.reports = collections.defaultdict(list)    # by test

    def pytest_collectreport(self, report):
        if report.failed:
            self.comment(report.longreprtext)
            print(f"Bail out! {report.nodeid} cannot be collected", flush=True)
        elif report.skipped:    # a whole file
            self.result(report.nodeid, skipped=report.longrepr[2])

    def pytest_runtest_logreport(self, report):
        self.reports[report.nodeid].append(report)

    def pytest_runtest_logfinish(self, nodeid):
        reports = self.reports.pop(nodeid, [])
        skipped = [one.longrepr[2] for one in reports if one.skipped]
        self.result(nodeid, *[one for one in reports if one.failed],
                    skipped=skipped[0] if skipped else "")

    def pytest_sessionfinish(self):
        for nodeid in list(self.reports):   # its process has died of it
            self.pytest_runtest_logfinish(nodeid)
        print(f"1..{self.number}", flush=True)

    def result(self, nodeid, *bad, skipped):
        self.number += 1
        name = nodeid.rpartition("/")[2].replace("#", "number ")
        print(f"{'not ' if bad else ''}ok {self.number} - {name}"
              f"{' # SKIP ' if skipped else ''}{skipped}", flush=True)
        for report in bad:
            self.comment(report.longreprtext)

    def comment(self, text):
        for line in text.splitlines():
            print(f"# {line}", flush=True)


def pytest_addoption(parser, pluginmanager):
    if not pluginmanager.has_plugin("terminal"):    # the shape of a report
        parser.addoption("--verbose", type=int, default=0)


def pytest_collection_modifyitems(items):
    # The longest first, or everybody waits for it at the end.
    items.sort(key=lambda item: not item.get_closest_marker("slow"))


def pytest_configure(config):
    if os.environ.get("SMX_TAP") == "1" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tap())
