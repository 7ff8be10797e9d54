# SPDX-License-Identifier: MIT
"""Fixtures of the system tests, and their results as TAP.

    SMX_SERVER, SMX_CLIENT  the programs (build/smx-server, build/smx-client)
    SMX_KEYGEN              and the one that makes keys (build/smx-keygen)
    SMX_BENCH               and the load tester (build/smx-bench)
    SMX_TAP=1               print TAP; to be used with -p no:terminal

    python3 -m pytest tests/system
    SMX_TAP=1 python3 -m pytest -p no:terminal tests/system

The one test that takes half a minute is left out by -m "not slow".
"""

import os

import pytest

import programs
import xor_peer


@pytest.fixture
def server():
    """Starts servers; ends them afterwards and sees that they end well."""
    started = []

    def start(*arguments, **options):
        started.append(programs.Server(*arguments, **options))
        return started[-1]

    yield start
    complaints = [complaint for one in started for complaint in one.stop()]
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def connect():
    """Connects Python clients to a server, by default up to a session."""
    clients = []

    def start(to, handshake=True, **options):
        clients.append(xor_peer.Client(to.address, **options))
        return clients[-1].handshake() if handshake else clients[-1]

    yield start
    for client in clients:
        client.close()


@pytest.fixture
def peer():
    """Starts Python servers, each with a script."""
    started = []

    def start(*arguments, **options):
        started.append(xor_peer.Server(*arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()
    assert [failure for one in started for failure in one.failures] == []


@pytest.fixture
def terminal():
    """Starts clients on terminals."""
    started = []

    def start(*arguments, **options):
        started.append(programs.Terminal(*arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


class Tap:
    """Prints one line a test, and as comments why a test failed."""

    def __init__(self):
        self.number = 0
        self.reports = []

    def pytest_collection_finish(self, session):
        print(f"TAP version 13\n1..{len(session.items)}", flush=True)

    def pytest_collectreport(self, report):
        if report.failed:
            self.comment(report.longreprtext)
            print(f"Bail out! {report.nodeid} cannot be collected", flush=True)
        elif report.skipped:
            self.comment(f"{report.nodeid}: SKIP {report.longrepr[2]}")

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
    config.addinivalue_line("markers", "slow: takes half a minute")
    if os.environ.get("SMX_TAP") == "1":
        config.pluginmanager.register(Tap())
