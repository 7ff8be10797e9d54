# SPDX-License-Identifier: MIT
"""The three flights, byte by byte: lengths, what is drawn, and the algebra."""

import statistics
import time

import pytest

from programs import run
from xor_peer import xor


def bytes_between(client):
    """The first two flights, with nothing but them on the way."""
    client.sock.sendall(client.flight_1())
    flight_2 = client.receive_flight()
    assert client.receive_within(0.05) is None      # and not a byte more
    return client.flight_1(), flight_2


def test_server_answers_128_bytes_with_128_bytes(server, connect):
    client = connect(server(), handshake=False)
    _, flight_2 = bytes_between(client)
    assert len(flight_2) == 128


def test_server_says_nothing_before_the_first_flight_is_whole(server, connect):
    client = connect(server(), handshake=False)
    assert client.receive_within(0.1) is None
    client.sock.sendall(client.flight_1()[:127])
    assert client.receive_within(0.1) is None
    client.sock.sendall(client.flight_1()[127:])
    assert len(client.receive_flight()) == 128


def test_server_mask_is_in_1_to_255_and_repeats_after_64(server, connect):
    client = connect(server(), handshake=False)
    mask = xor(*bytes_between(client))
    assert mask[:64] == mask[64:]
    assert 0 not in mask


def test_server_draws_every_byte_but_zero_and_for_each_session(
        server, connect):
    running, masks = server(), []
    for _ in range(200):
        client = connect(running, handshake=False)
        client.sock.sendall(client.flight_1())
        masks.append(xor(client.flight_1(), client.receive_flight())[:64])
        client.close()
    assert set(b"".join(masks)) == set(range(1, 256))
    assert len(set(masks)) == 200


def test_server_recovers_the_key_that_the_client_drew(server, connect):
    client = connect(server())
    assert client.ask(b"DATE").count(b"-") == 2


def test_server_takes_a_first_flight_of_zeros(server, connect):
    client = connect(server(), handshake=False)
    client.mask = client.key[:64]
    client.key = client.mask * 2
    assert client.flight_1() == bytes(128)
    assert client.handshake().ask(b"DATE").count(b"-") == 2


def test_server_takes_keys_of_any_bytes(server, connect):
    client = connect(server(), key=bytes(range(128)))
    assert client.ask(b"DATE").count(b"-") == 2


@pytest.fixture
def flights(peer):
    """The flights between our client, asking once, and a Python server."""
    server = peer()
    finished = run("smx-client", *server.address, "date")
    assert finished.returncode == 0, finished.stderr
    session, = server.wait()
    return session.flights


def test_client_flights_have_128_bytes(flights):
    assert [len(flight) for flight in flights] == [128, 128, 128]


def test_client_key_and_mask_are_in_1_to_255(flights):
    xc, xcs, xs = flights
    mask = xor(xcs, xs)
    assert mask[:64] == mask[64:]
    assert 0 not in mask
    assert 0 not in xor(xc, mask)


def test_whoever_sees_the_three_flights_has_the_key(peer):
    server = peer()
    run("smx-client", *server.address, "date")
    session, = server.wait()
    xc, xcs, xs = session.flights
    assert xor(xor(xc, xcs), xs) == session.key


def test_client_draws_every_byte_but_zero_and_for_each_session(peer):
    server = peer()
    run("smx-client", *server.address, feed="4\n" * 99)
    sessions = server.wait()
    assert len(sessions) == 100
    keys = [session.key for session in sessions]
    masks = [xor(session.flights[1], session.flights[2])[:64]
             for session in sessions]
    assert set(b"".join(keys)) == set(range(1, 256))
    assert set(b"".join(masks)) == set(range(1, 256))
    assert len(set(keys)) == len(set(masks)) == 100


def test_client_waits_20_ms_before_its_first_request(peer):
    """So that the original gets its third flight by itself."""
    delays = []

    def measure(session):
        session.handshake()
        begin = time.monotonic()
        session.receive_request()
        delays.append(time.monotonic() - begin)
        session.send(b"2024-02-29")
        session.receive_request()

    server = peer(measure)
    run("smx-client", *server.address, feed="2\n4\n" * 8 + "2\n")
    server.wait()
    assert len(delays) == 9
    assert statistics.median(delays) > 0.018    # single ones we see late


def test_client_sends_each_flight_and_request_in_one_piece(peer):
    pieces = []

    def note(session):
        session.handshake()
        pieces.extend(len(flight) for flight in session.flights)
        for request in iter(session.receive_request, b"END"):
            pieces.append(len(request))
            session.send(session.answer(request))

    server = peer(note, original=True)
    run("smx-client", *server.address, feed="1\n2\n3\n5\n")
    server.wait()
    assert pieces == [128, 128, 128, 4, 4, 4]
