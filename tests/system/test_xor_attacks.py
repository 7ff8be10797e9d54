# SPDX-License-Identifier: MIT
"""What the xor exchange does not withstand: the attacks, carried out."""

import datetime
import re

import pytest

import noise_peer
from programs import run
from proxy import between, relay
from xor_peer import KEY_BYTES, xor

FORMS = {"time": r"\d\d:\d\d:\d\d\.\d{6}", "date": r"\d{4}-\d\d-\d\d"}


def key_of(upwards, downwards):
    """X, from nothing but the three flights on the wire."""
    xc, xs = upwards[:KEY_BYTES], upwards[KEY_BYTES:2 * KEY_BYTES]
    return xor(xor(xc, downwards[:KEY_BYTES]), xs)


@pytest.fixture
def wiretap(server, peer):
    """Somebody who listens on the way to a server; and that server."""
    running = server("--threads", 1)
    return peer(between(running.address)), running


def recording(middle):
    """What either side said in the one session so far."""
    session, = middle.wait()
    return session.end.heard, session.server_end.heard


def test_the_key_of_two_of_our_own_programs_is_in_their_flights(wiretap):
    middle, _ = wiretap
    finished = run("smx-client", *middle.address, "time")
    assert finished.returncode == 0
    upwards, downwards = recording(middle)
    key = key_of(upwards, downwards)
    assert len(key) == KEY_BYTES
    requests = upwards[2 * KEY_BYTES:]
    assert xor(requests[:4], key) == b"TIME"
    assert xor(requests[4:], key) == b"END"
    assert xor(downwards[KEY_BYTES:], key).decode() + "\n" == finished.stdout


def test_a_whole_recorded_menu_can_be_read(wiretap):
    middle, _ = wiretap
    finished = run("smx-client", *middle.address, feed="1\n2\n3\n5\n")
    upwards, downwards = recording(middle)
    key = key_of(upwards, downwards)
    replies = downwards[KEY_BYTES:]
    read = [xor(part, key).decode()
            for part in (replies[:15], replies[15:25], replies[25:])]
    assert read == re.findall(r"from server: (.*)$", finished.stdout, re.M)


def test_flight_1_alone_tells_half_of_the_key(wiretap):
    middle, _ = wiretap
    run("smx-client", *middle.address, "time")
    upwards, downwards = recording(middle)
    key = key_of(upwards, downwards)
    assert xor(upwards[:64], upwards[64:128]) == xor(key[:64], key[64:])


@pytest.mark.parametrize("asked, answered", [("time", "date"),
                                             ("date", "time")])
def test_a_request_is_turned_into_another_in_flight(
        server, connect, peer, asked, answered):
    """Without the key: what is flipped is the difference of the words."""
    def tamper(client, upstream):
        client.forward(upstream, KEY_BYTES)
        upstream.forward(client, KEY_BYTES)
        client.forward(upstream, KEY_BYTES)
        request = client.receive_exactly(4)
        difference = xor(asked.upper().encode(), answered.upper().encode())
        upstream.sock.sendall(xor(request, difference))
        relay(client, upstream)

    running = server()
    client = connect(peer(between(running.address, tamper)))
    client.send(asked.upper().encode())
    reply = client.receive_reply(answered.upper().encode()).decode()
    assert re.fullmatch(FORMS[answered], reply)
    client.send(b"END")
    running.wait_for_counter("now", 0)
    counters = running.counters()
    assert (counters[answered.upper()], counters[asked.upper()]) == (1, 0)


def test_a_reply_is_changed_in_flight_and_the_client_believes_it(
        server, peer):
    def tamper(client, upstream):
        client.forward(upstream, KEY_BYTES)
        upstream.forward(client, KEY_BYTES)
        client.forward(upstream, KEY_BYTES + 4)
        reply = upstream.receive_exactly(10)
        client.sock.sendall(xor(xor(reply, today), b"1999-12-31"))
        relay(client, upstream)

    today = datetime.date.today().isoformat().encode()
    middle = peer(between(server().address, tamper))
    finished = run("smx-client", *middle.address, "date")
    assert finished.stdout == "1999-12-31\n"


def test_a_recorded_request_is_served_once_more(server, peer):
    def repeat(client, upstream):
        client.forward(upstream, KEY_BYTES)
        upstream.forward(client, KEY_BYTES)
        client.forward(upstream, KEY_BYTES)
        request = client.forward(upstream, 4)
        upstream.forward(client, 10)
        upstream.sock.sendall(request)
        upstream.receive_exactly(10)
        relay(client, upstream)

    running = server()
    run("smx-client", *peer(between(running.address, repeat)).address, "date")
    running.wait_for_counter("now", 0)
    assert running.counters()["DATE"] == 2


def test_none_of_it_works_on_a_secure_session(server, peer):
    """The same flip, the same repetition, the same xor of the flights."""
    def flip(client, upstream):
        frame = client.receive_exactly(noise_peer.FRAME_BYTES)
        difference = xor(b"TIME", b"DATE")
        upstream.sock.sendall(
            frame[:2] + xor(frame[2:6], difference) + frame[6:])

    def repeat(client, upstream):
        frame = client.forward(upstream, noise_peer.FRAME_BYTES)
        upstream.forward(client, noise_peer.FRAME_BYTES)
        upstream.sock.sendall(frame)

    running = server()
    for attack in (flip, repeat):
        def act(client, upstream, attack=attack):
            client.forward(upstream, noise_peer.FLIGHT_BYTES[0])
            upstream.forward(client, noise_peer.FLIGHT_BYTES[1])
            client.forward(upstream, noise_peer.FLIGHT_BYTES[2])
            attack(client, upstream)
            relay(client, upstream)

        middle = peer(between(running.address, act))
        with noise_peer.Client(middle.address) as client:
            client.handshake().send(b"TIME")
            if attack is repeat:
                assert client.receive_reply()[2:3] == b":"
            assert client.ended_within(5)
            first, second, third = client.flights
    running.wait_for_counter("now", 0)
    counters = running.counters()
    assert (counters["TIME"], counters["DATE"]) == (1, 0)
    assert counters["protocol error"] == 2
    assert xor(xor(first, second), third) not in client.secrets()
