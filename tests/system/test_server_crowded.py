# SPDX-License-Identifier: MIT
"""A full server: one source that holds all places keeps nobody else out."""

import contextlib
import socket

import pytest

import noise_peer
import xor_peer
from programs import few_descriptors, wait_until

PLACES = 40
CROWD, OTHER = "127.0.0.3", "127.0.0.4"
CLIENTS = pytest.mark.parametrize(
    "client", (xor_peer.Client, noise_peer.Client), ids=("xor", "noise"))


@pytest.fixture
def silent():
    """Opens connections from an address and sends nothing over them."""
    with contextlib.ExitStack() as stack:
        def start(server, count, source=CROWD):
            return [stack.enter_context(socket.create_connection(
                server.address, 5, (source, 0))) for _ in range(count)]

        yield start


def has_ended(sock, seconds=5):
    sock.settimeout(seconds)
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@CLIENTS
@pytest.mark.parametrize("threads", (1, 4))
def test_everybody_else_is_served(server, silent, client, threads):
    running = server("--threads", threads, "--max-connections", PLACES)
    for visit in range(20):
        silent(running, PLACES if not visit else 3)
        with client(running.address) as visitor:
            assert visitor.handshake().ask(b"DATE")
            visitor.send(b"END")
    assert running.counters()["gave way to others"] > 10
    running.output.expect(f"Refused {CROWD}:.* gave way to others")
    assert f"[!] Refused {running.address[0]}:" not in running.output.text


@pytest.mark.parametrize("places", (2, 8, 16, 24))
def test_so_it_is_with_few_places_for_many_threads(
        server, silent, connect, places):
    running = server("--max-connections", places, "--threads", 8)
    for _ in range(12):
        silent(running, places)
        wait_until(lambda: running.counters()["now"] >= places, "a crowd")
        with connect(running) as visitor:
            assert visitor.ask(b"DATE")
            visitor.send(b"END")
        # Otherwise the next of the crowd may come before that place is free.
        wait_until(lambda: running.counters()["now"] < places, "a free place")
    assert running.counters()["gave way to others"] >= 6


def test_sessions_do_not_give_way_to_half_open_connections(
        server, connect, silent):
    running = server("--max-connections", 5, "--threads", 1)
    clients = [connect(running) for _ in range(5)]
    for sock in silent(running, 5):
        assert has_ended(sock)
    assert running.wait_for_counter("too many connections", 5)
    assert running.counters()["gave way to others"] == 0
    for one in clients:
        assert one.ask(b"DATE")


def test_a_source_may_have_only_so_many(server, silent):
    running = server("--max-per-source", 2)
    crowd = silent(running, 3)
    assert running.wait_for_counter("too many from one source", 1)
    silent(running, 2, OTHER)
    assert running.wait_for_counter("now", 4)
    for sock in crowd:
        sock.close()
    assert running.wait_for_counter("now", 2)
    silent(running, 2)
    assert running.wait_for_counter("now", 4)
    assert running.counters()["too many from one source"] == 1


def test_more_connections_than_descriptors_are_announced(server):
    running = server("--threads", 2, "--max-connections", 1000,
                     preexec=few_descriptors(100))
    line = running.output.expect(
        r"\[X\] --max-connections 1000 needs a descriptor limit of (\d+) "
        r"\(ulimit -n\); beyond (\d+), connections will wait")
    needed, possible = map(int, line.groups())
    assert 0 < possible < 100
    assert 1000 < needed < 1400
    enough = server("--threads", 2, "--max-connections", 1000,
                    preexec=few_descriptors(needed))
    enough.counters()
    assert "descriptor" not in enough.output.text


def test_with_few_descriptors_others_are_served_too(server, silent, connect):
    running = server("--threads", 1, preexec=few_descriptors(64))
    silent(running, 60)
    for _ in range(10):
        assert connect(running).ask(b"DATE")
