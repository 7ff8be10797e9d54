# SPDX-License-Identifier: MIT
"""Fixtures of the system tests.

    SMX_SERVER, SMX_CLIENT  the programs (else build/src/smx-server, ...)
    SMX_KEYGEN              and the one that makes keys
    SMX_BENCH               and the load generator

    python3 -m pytest tests/system
"""

import signal

import pytest

import programs
import xor_peer

# What we were started to ignore, as by nohup(1) or in the background of a
# script, our programs would ignore too.
for number in signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM:
    signal.signal(number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    for item in items:
        if "server" in item.fixturenames or \
                getattr(item.module, "Server", None) is programs.Server:
            item.add_marker("server")


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
