# SPDX-License-Identifier: MIT
"""A server whose limit on open files is lowered while it runs."""

import os
import resource
import time

import pytest

from programs import wait_until


def limit(server, count):
    hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (count, hard))


def ticks(server):
    """Of processor time, all threads."""
    with open(f"/proc/{server.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_one_shortage_is_said_once_while_others_come_and_go(server, connect):
    running = server("--threads", 1)
    session = connect(running)
    used = running.descriptors()
    if used is None:
        pytest.skip("its descriptors are hidden")
    limit(running, used + 2)
    queued = [connect(running, handshake=False) for _ in range(12)]
    wait_until(lambda: "Cannot accept" in running.output.text, "said")
    for _ in range(8):      # each that goes lets one in, and no more
        before = running.output.text.count("received from")
        queued.pop(0).close()
        queued.append(connect(running, handshake=False))
        wait_until(lambda b=before:
                   running.output.text.count("received from") > b, "let in")
    assert session.ask(b"DATE")
    assert running.output.text.count("Cannot accept") == 1
    hard = resource.prlimit(running.pid, resource.RLIMIT_NOFILE)[1]
    limit(running, hard)
    assert connect(running).ask(b"DATE")


@pytest.mark.parametrize("count", [0, 1])
def test_without_any_descriptor_it_neither_ends_nor_spins(
        server, connect, count):
    running = server("--threads", 1)
    session = connect(running)
    hard = resource.prlimit(running.pid, resource.RLIMIT_NOFILE)[1]
    limit(running, count)
    connect(running, handshake=False)
    wait_until(lambda: "Cannot accept" in running.output.text, "said")
    before = ticks(running)
    time.sleep(1)
    assert ticks(running) - before < 0.3 * os.sysconf("SC_CLK_TCK")
    limit(running, hard)
    assert session.ask(b"DATE")
    assert connect(running).ask(b"DATE")
