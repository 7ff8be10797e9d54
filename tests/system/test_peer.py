# SPDX-License-Identifier: MIT
"""The Python peer against itself, before it judges anybody else."""

import re
import socket
import threading
import time

import pytest

from programs import wait_until
from xor_peer import (
    ERROR, Client, Server, Session, draw, next_request, xor)

KEY = draw(128)
TIME = rb"\d\d:\d\d:\d\d\.\d{6}"


def requests(*messages):
    """What the rules recover from these messages sent in one segment."""
    unread = b"".join(xor(message, KEY) for message in messages)
    found = []
    while unread:
        request = next_request(unread, KEY)
        if request is None:
            return found + ["waits"]
        found.append(request[0])
        unread = unread[request[1]:]
    return found


def test_bare_words_are_recovered_however_they_are_joined():
    assert requests(b"TIME", b"date", b"TeMp", b"END") == [
        b"TIME", b"DATE", b"TEMP", b"END"]
    assert requests(b"TIME", b"DA") == [b"TIME", "waits"]
    assert requests(*[b"TIME"] * 200) == [b"TIME"] * 200


def test_white_space_is_recovered_around_a_word_alone():
    assert requests(b" \t\n\v\f\r time\r\n") == [b"TIME"]
    assert requests(b" TI") == ["waits"]
    assert requests(b"  ") == [b"  "]


def test_everything_else_is_one_unknown_request():
    assert requests(b"HELLO") == [b"HELLO"]
    assert requests(b"TIM!") == [b"TIM!"]
    assert requests(b"\0" * 1025) == [b"\0" * 1024, b"\0"]


@pytest.mark.parametrize("original_client", [False, True])
@pytest.mark.parametrize("original_server", [False, True])
def test_both_roles_understand_each_other(
        peer, original_client, original_server):
    server = peer(original=original_server)
    with Client(server.address, original=original_client) as client:
        client.sock.sendall(client.flight_1())
        client.sock.sendall(client.flight_3(client.receive_flight()))
        wait_for_key(server)
        assert re.fullmatch(TIME + b"|.{8}", client.ask(b"TIME"))
        assert re.fullmatch(rb"\d{4}-\d\d-\d\d", client.ask(b"DATE"))
        assert re.fullmatch(rb"-?\d{1,3}", client.ask(b"TEMP"))
        assert client.ask(b"what?") == ERROR
        client.send(b"END")
        assert client.receive_until_end() == b""
    session, = server.wait()
    assert session.key == client.key
    assert session.requests == [b"TIME", b"DATE", b"TEMP", b"WHAT?", b"END"]


def wait_for_key(server):
    """So that an original server gets the third flight by itself."""
    wait_until(lambda: server.sessions and server.sessions[0].key, "key")


def hear_only(session):
    session.handshake()
    session.receive_request()


def test_the_original_takes_a_request_behind_a_flight_for_key(peer):
    server = peer(hear_only, original=True)
    with Client(server.address) as client:
        client.sock.sendall(client.flight_1())
        flight_3 = client.flight_3(client.receive_flight())
        client.sock.sendall(flight_3 + client.seal(b"TIME"))
        assert client.receive_within(0.3) is None
    session, = server.wait()
    assert session.requests == []
    assert len(session.flights[2]) == 132


def test_the_original_says_a_whole_second_in_eight_bytes(peer):
    class WholeSecond(Session):
        def answer(self, request):
            return b"14:08:38"

    server = peer(original=True, session_class=WholeSecond)
    with Client(server.address, original=True).handshake() as client:
        wait_for_key(server)
        assert client.ask(b"TIME") == b"14:08:38"


def test_a_server_whose_threads_start_late_can_be_closed(monkeypatch):
    start = threading.Thread.start

    def late(thread):
        time.sleep(0.1)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", late)
    for _ in range(3):
        one = Server(script=lambda session: None)
        with socket.create_connection(one.address):
            wait_until(lambda: one.sessions, "a session")
            one.close()
        assert one.failures == []
