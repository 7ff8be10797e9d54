# SPDX-License-Identifier: MIT
"""SIGINT and SIGTERM: soon, in order, and whatever the peers do."""

import signal
import socket
import subprocess

import pytest

from programs import SLACK, wait_until
from xor_peer import Client

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


def ends_within(running, seconds):
    """Does the server end in that time? With which status?"""
    try:
        return running.process.wait(seconds + SLACK)
    except subprocess.TimeoutExpired:
        pytest.fail(f"still there after {seconds} s")


def stuck(connect, running):
    """A client that asks and never reads."""
    client = connect(running, receive_buffer=2048)
    client.sock.settimeout(0.3)
    try:
        while True:
            client.sock.sendall(client.seal(b"TIME") * 4096)
    except TimeoutError:
        return client


def listens(running):
    try:
        socket.create_connection(running.address, 1).close()
    except (ConnectionError, TimeoutError):
        return False
    return True


@BOTH
def test_a_signal_ends_an_idle_server(server, number):
    running = server()
    running.signal(number)
    assert ends_within(running, 2) == 0


@BOTH
def test_a_signal_ends_the_server_whatever_the_peers_do(
        server, connect, number):
    running = server("--threads", 2)
    connect(running, handshake=False)
    half = connect(running, handshake=False)
    half.sock.sendall(half.flight_1()[:50])
    for _ in range(3):
        connect(running)
    connect(running).send(b"TIM")
    leaving = connect(running)
    leaving.send(b"END")
    stuck(connect, running)
    running.signal(number)
    assert ends_within(running, 2) == 0


@BOTH
def test_the_server_says_in_one_line_that_it_stops(server, connect, number):
    running = server()
    connect(running).close()
    running.output.expect("Connection ended")
    seen = len(running.output.text)
    running.signal(number)
    assert ends_within(running, 2) == 0
    running.output.thread.join(SLACK)
    line, = running.output.text[seen:].strip().splitlines()
    assert line.startswith("[")


def test_sessions_see_the_end_of_the_stream(server, connect):
    running = server()
    clients = [connect(running) for _ in range(5)]
    running.signal(signal.SIGTERM)
    for client in clients:
        assert client.receive_until_end() == b""


def test_nobody_is_accepted_any_more(server, connect):
    running = server()
    stuck(connect, running)
    running.signal(signal.SIGTERM)

    def is_refused():
        try:
            with Client(running.address) as client:
                client.sock.sendall(client.flight_1())
                return client.receive_within(0.2) == b""
        except ConnectionError:
            return True

    wait_until(is_refused, "a refusal", 2 + SLACK)


def test_replies_under_way_are_finished(server, connect):
    running = server()
    client = connect(running, receive_buffer=2048)
    client.send(*[b"TIME"] * 1000)
    first = client.receive_exactly(15)
    running.signal(signal.SIGTERM)
    rest = client.receive_until_end()
    assert client.seal(first).count(b":") == 2
    assert len(rest) >= 15      # not all requests need have been read
    assert len(rest) % 15 == 0
    assert ends_within(running, 2) == 0


def test_a_stuck_client_that_reads_again_gets_whole_replies(server, connect):
    running = server()
    client = stuck(connect, running)
    client.sock.settimeout(10)
    running.signal(signal.SIGTERM)
    received = client.receive_until_end()
    assert received and len(received) % 15 == 0
    assert ends_within(running, 2) == 0


@BOTH
def test_a_second_signal_ends_it_at_once(server, connect, number):
    running = server()
    running.expected_status = None      # whatever it says of being cut short
    stuck(connect, running)
    running.signal(number)
    wait_until(lambda: not listens(running), "the first to be handled")
    running.signal(number)
    assert ends_within(running, 0) == 128 + number


def test_a_stdout_nobody_reads_does_not_delay_the_end(server, connect):
    running = server(stdout="unread")
    for _ in range(3000):
        connect(running, handshake=False).close()
    running.signal(signal.SIGTERM)
    assert ends_within(running, 2) == 0
