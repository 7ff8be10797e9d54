# SPDX-License-Identifier: MIT
"""Servers that refuse, fall silent, talk nonsense or hang up on the client."""

import re
import socket
import time

import pytest

from programs import SLACK, run
from xor_peer import ERROR, Server, draw

SOON = 0.3      # seconds, where the time is to run out
LATER = 2.0     # and where it is not


def check_failure(finished, *statuses):
    """One [X] line, nothing else, and one of these exit statuses."""
    assert finished.returncode in statuses, finished.stderr
    assert finished.stdout == ""
    assert re.fullmatch(r"\[X\] .{10,}\n", finished.stderr)


def ask(running, command="time", timeout=LATER):
    return run("smx-client", "--timeout", timeout, *running.address, command)


def check_silence(running, command="time"):
    """The client waits its time, no longer, and says so."""
    begin = time.monotonic()
    check_failure(ask(running, command, SOON), 4)
    assert SOON < time.monotonic() - begin < 2 * SOON + SLACK


def answering(*pieces, pause=0.0):
    """A script that sends these pieces of one message as the first reply."""
    def script(session):
        session.handshake()
        session.receive_request()
        message = session.seal(b"".join(pieces))
        for piece in pieces:
            session.sock.sendall(message[:len(piece)])
            message = message[len(piece):]
            time.sleep(pause)
        session.receive_until_end()
    return script


def test_a_server_that_refuses_is_3():
    unused = Server()
    unused.close()
    check_failure(ask(unused), 3)


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_a_link_local_address_without_its_interface_is_3():
    finished = run("smx-client", "fe80::1", 1337, "time")
    check_failure(finished, 3)
    if "Invalid argument" in finished.stderr:
        assert "fe80::1%eth0" in finished.stderr


def test_a_connection_that_does_not_come_about_is_4():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    address = listener.getsockname()
    waiting = [socket.socket() for _ in range(4)]
    for sock in waiting:
        sock.setblocking(False)
        sock.connect_ex(address)
    finished = run("smx-client", "--timeout", SOON, *address, "time")
    for sock in [listener, *waiting]:
        sock.close()
    check_failure(finished, 4)


def test_a_server_that_is_silent_in_the_exchange_is_4(peer):
    check_silence(peer(lambda session: session.receive_until_end()))


def test_a_flight_that_drips_is_4(peer):
    def drip(session):
        for _ in range(100):
            session.sock.sendall(b"x")
            time.sleep(0.05)

    check_silence(peer(drip))


@pytest.mark.parametrize("command", ["time", "date", "temp"])
def test_a_server_that_does_not_reply_is_4(peer, command):
    check_silence(peer(answering()), command)


@pytest.mark.parametrize("command, part", [
    ("time", b"1"), ("time", b"14:08:38."), ("time", b"14:08:38.63078"),
    ("date", b"2024-02-2"), ("temp", b"-"), ("time", ERROR[:3])])
def test_a_reply_that_stays_incomplete_is_4(peer, command, part):
    check_silence(peer(answering(part)), command)


def test_a_reply_that_drips_is_4(peer):
    drops = [bytes([byte]) for byte in b"14:08:38.630789"]
    check_silence(peer(answering(*drops, pause=0.05)))


@pytest.mark.parametrize("count", [1, 64, 127])
def test_a_server_that_closes_within_a_flight_is_5(peer, count):
    def script(session):
        session.receive_flight()
        session.sock.sendall(draw(count))
        session.finish_sending()
        session.receive_until_end()

    check_failure(ask(peer(script)), 5)


def test_a_server_that_closes_before_its_flight_is_a_failure(peer):
    check_failure(ask(peer(lambda session: session.receive_flight())), 3, 5)
    check_failure(ask(peer(lambda session: None)), 3, 5)


@pytest.mark.parametrize("command, reply", [
    ("time", b"xx:xx:xx.xxxxxx"), ("time", b"14:08:38,630789"),
    ("time", b"14.08.38"),
    ("time", b"1" * 15), ("time", b"\0" * 15), ("time", b"?" * 1000),
    ("date", b"2024/02/29"), ("date", b"x" * 10),
    ("temp", b"abc"), ("temp", b"1-2"), ("temp", b"12x"),
    ("temp", b"99999"), ("temp", b"--1"), ("temp", b" 1"), ("temp", b"+1")])
def test_a_reply_that_fits_no_form_is_5(peer, command, reply):
    check_failure(ask(peer(answering(reply)), command), 5)


def test_bytes_behind_the_second_flight_are_5(peer):
    def script(session):
        session.receive_flight()
        session.sock.sendall(draw(129))
        session.receive_until_end()

    check_failure(ask(peer(script)), 5)


@pytest.mark.parametrize("command", ["time", "date", "temp"])
def test_a_flood_is_5(peer, command):
    def flood(session):
        session.handshake()
        session.receive_request()
        session.sock.sendall(b"\0" * 10_000_000)

    check_failure(ask(peer(flood), command), 5)


def test_a_temperature_without_end_is_5(peer):
    # In one piece: a pause longer than 20 ms would be the end of it.
    check_failure(ask(peer(answering(b"1" * 100)), "temp"), 5)


@pytest.mark.parametrize("command, reply", [
    ("time", b"14:08:38.630789"), ("date", b"2024-02-29")])
def test_bytes_behind_a_reply_are_5(peer, command, reply):
    check_failure(ask(peer(answering(reply + b"left over")), command), 5)


def test_a_server_that_closes_instead_of_replying_is_1(peer):
    def script(session):
        session.handshake()
        session.receive_request()

    check_failure(ask(peer(script)), 1)


def test_a_server_that_closes_within_a_reply_is_a_failure(peer):
    def script(session):
        session.handshake()
        session.receive_request()
        session.send(b"14:08")
        session.finish_sending()
        session.receive_until_end()

    check_failure(ask(peer(script)), 1, 5)


def test_a_temperature_that_the_end_follows_is_whole(peer):
    def script(session):
        session.handshake()
        session.receive_request()
        session.send(b"23")

    finished = ask(peer(script), "temp")
    assert (finished.returncode, finished.stdout) == (0, "23\n")


def test_the_error_as_a_reply_is_1(peer):
    check_failure(ask(peer(answering(ERROR))), 1)
    check_failure(ask(peer(answering(ERROR)), "date"), 1)
    check_failure(ask(peer(answering(ERROR)), "temp"), 1)
