# SPDX-License-Identifier: MIT
"""Deadlines and limits: who is sent away, and that nobody else notices."""

import time

import pytest

from programs import SLACK, few_descriptors, wait_until


def partial(client, state):
    """Bring a fresh client into a state from which it says nothing more."""
    if state == "silent":
        return
    if state == "in flight 1":
        client.sock.sendall(client.flight_1()[:64])
        return
    client.sock.sendall(client.flight_1())
    flight_3 = client.flight_3(client.receive_flight())
    if state == "in flight 3":
        client.sock.sendall(flight_3[:127])


@pytest.mark.parametrize("state", [
    "silent", "in flight 1", "before flight 3", "in flight 3"])
def test_a_handshake_ends_at_its_deadline(server, connect, state):
    running = server("--handshake-timeout", 1)
    begin = time.monotonic()
    client = connect(running, handshake=False)
    partial(client, state)
    served = connect(running)
    assert client.ended_within(1 + SLACK)
    assert time.monotonic() - begin > 0.9
    assert running.wait_for_counter("handshake timeout", 1)
    assert served.ask(b"DATE")      # a session has no such deadline


def test_bytes_do_not_extend_the_handshake(server, connect):
    running = server("--handshake-timeout", "1.0", "--threads", 1)
    client = connect(running, handshake=False)
    other = connect(running)
    begin = time.monotonic()
    try:
        for byte in client.flight_1():      # would take 12 s in all
            client.sock.sendall(bytes([byte]))
            assert other.ask(b"DATE")
            time.sleep(0.1)
    except ConnectionError:
        pass
    assert time.monotonic() - begin < 1 + SLACK
    assert running.wait_for_counter("handshake timeout", 1)


def test_the_handshake_deadline_may_be_a_fraction(server, connect):
    running = server("--handshake-timeout", "0.2")
    client = connect(running, handshake=False)
    assert client.ended_within(0.2 + SLACK)


def test_many_silent_connections_are_gone_together(server, connect):
    running = server("--handshake-timeout", 1, "--threads", 1)
    other = connect(running)
    for _ in range(200):
        connect(running, handshake=False)
    for _ in range(20):
        assert other.ask(b"DATE")
    assert running.wait_for_counter("handshake timeout", 200)
    assert running.counters()["now"] == 1
    assert other.ask(b"DATE")


def test_an_idle_session_is_ended(server, connect):
    running = server("--idle-timeout", 1)
    client = connect(running)
    begin = time.monotonic()
    assert client.ask(b"DATE")
    assert client.ended_within(1 + SLACK)
    assert time.monotonic() - begin > 0.9
    assert running.wait_for_counter("idle timeout", 1)


def test_a_session_that_never_asks_is_idle(server, connect):
    running = server("--idle-timeout", "0.5")
    assert connect(running).ended_within(0.5 + SLACK)


@pytest.mark.parametrize("request_", [b"DATE", b"what?"])
def test_a_session_that_asks_is_not_idle(server, connect, request_):
    running = server("--idle-timeout", 1)
    client = connect(running)
    for _ in range(7):
        assert client.ask(request_)
        time.sleep(0.2)
    assert client.ask(b"DATE")
    assert running.counters()["idle timeout"] == 0


def test_idle_may_be_for_ever(server, connect):
    running = server("--idle-timeout", 0)
    client = connect(running)
    assert client.receive_within(2) is None
    assert client.ask(b"DATE")


def test_one_connection_too_many_is_closed_and_counted(server, connect):
    running = server("--max-connections", 3)
    clients = [connect(running) for _ in range(3)]
    for number in range(1, 4):
        refused = connect(running, handshake=False)
        assert refused.ended_within(5)
        assert running.wait_for_counter("too many connections", number)
    for client in clients:
        assert client.ask(b"DATE")

    clients[0].send(b"END")
    assert clients[0].ended_within(5)
    clients[0].close()
    assert running.wait_for_counter("now", 2)
    assert connect(running).ask(b"DATE")


def test_handshakes_count_as_connections(server, connect):
    running = server("--max-connections", 2)
    connect(running, handshake=False)
    connect(running, handshake=False)
    assert running.wait_for_counter("now", 2)
    assert connect(running, handshake=False).ended_within(5)


def test_the_ninth_client_of_eight_threads_is_served(server, connect):
    running = server("--threads", 8)
    waiting = [connect(running, handshake=False) for _ in range(8)]
    idle = [connect(running) for _ in range(8)]
    assert connect(running).ask(b"DATE")
    for client in idle:
        assert client.ask(b"DATE")
    for client in waiting:
        assert client.handshake().ask(b"DATE")


def test_one_thread_serves_three_hundred_sessions(server, connect):
    running = server("--threads", 1)
    clients = [connect(running, handshake=False) for _ in range(300)]
    for client in clients:
        client.handshake()
    for client in clients:
        client.send(b"TIME", b"DATE")
    for client in reversed(clients):
        assert len(client.receive_exactly(25)) == 25
    assert running.counters()["now"] == 300


def is_served(client):
    """Does a session come about? Its first flight may wait in the kernel."""
    try:
        client.sock.sendall(client.flight_1())
        flight_2 = client.receive_within(1)
        if flight_2:
            client.sock.sendall(client.flight_3(flight_2))
        return bool(flight_2)
    except ConnectionError:
        return False


def fill(running, connect):
    """Open sessions until one is not served; the others, and that one."""
    served = []
    while len(served) < 100:
        client = connect(running, handshake=False)
        if not is_served(client):
            return served, client
        served.append(client)
    pytest.fail("a hundred sessions with forty descriptors")


def test_with_no_descriptor_left_the_server_rests_and_recovers(
        server, connect):
    running = server("--threads", 2, "--max-connections", 1000,
                     preexec=few_descriptors(40))
    served, _ = fill(running, connect)
    assert len(served) > 5
    for _ in range(5):
        connect(running, handshake=False)       # more of them at the door

    before = running.cpu_seconds()
    time.sleep(1)
    assert running.cpu_seconds() - before < 0.5
    for client in served:
        assert client.ask(b"DATE")

    for client in served[:10]:
        client.close()
    wait_until(lambda: is_served(connect(running, handshake=False)),
               "a session after some have left")
    for client in served[10:]:
        assert client.ask(b"DATE")


def test_by_default_there_is_a_limit_below_the_descriptors(server, connect):
    running = server("--threads", 2, preexec=few_descriptors(60))
    _, refused = fill(running, connect)
    assert refused.ended_within(5)
    assert running.wait_for_counter("too many connections", 1)
