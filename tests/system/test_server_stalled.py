# SPDX-License-Identifier: MIT
"""A client that asks and never takes its replies."""

import time

import pytest

SMALL = 2048            # bytes of receive buffer, so that it is soon full
ENOUGH = 32 << 20       # bytes of requests that no server should read


def ask_until_stuck(client):
    """Send TIME until nothing is taken for half a second; bytes taken."""
    requests = client.seal(b"TIME") * 4096
    sent = 0
    client.sock.settimeout(0.5)
    try:
        while sent < ENOUGH:
            sent += client.sock.send(requests[sent % 4:])
    except TimeoutError:
        pass
    client.sock.settimeout(10)
    return sent


def test_nothing_more_is_read_and_others_are_served(server, connect):
    running = server("--threads", 1)
    other = connect(running)
    stuck = connect(running, receive_buffer=SMALL)
    assert ask_until_stuck(stuck) < ENOUGH
    before = running.cpu_seconds()
    for _ in range(20):
        assert other.ask(b"DATE")
        time.sleep(0.05)
    assert running.cpu_seconds() - before < 0.5
    assert ask_until_stuck(stuck) < 65536       # at most the kernel took it


def test_little_is_held_for_those_who_do_not_read(server, connect):
    running = server("--threads", 1)
    if running.is_sanitized():
        pytest.skip("a sanitized program holds much else")
    other = connect(running)
    assert other.ask(b"DATE")
    before = running.memory()
    for _ in range(20):
        client = connect(running, receive_buffer=SMALL)
        client.sock.settimeout(0.05)
        try:
            while True:
                client.sock.sendall(client.seal(b"TIME") * 4096)
        except TimeoutError:
            pass
    assert other.ask(b"DATE")
    assert running.memory() - before < (20 * 16 << 10) + (4 << 20)


def test_whoever_reads_again_gets_every_reply(server, connect):
    client = connect(server(), receive_buffer=SMALL)
    requests = ask_until_stuck(client) // 4
    client.finish_sending()
    received = client.receive_until_end()
    assert len(received) - requests * 15 in (0, 4)  # 4: a last half word
