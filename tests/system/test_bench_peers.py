# SPDX-License-Identifier: MIT
"""The load generator and servers that stall, lie, hang up or never answer.

Each fault is counted under its reason, and the rest of the run goes on.
"""

import socket
import threading

import pytest

import noise_peer
from bench_runs import (accounted, bench, close, in_turn, measure, replying,
                        reset, silent)
from programs import few_descriptors, may_be_hindered
from xor_peer import ERROR, PATIENCE, Session, draw

TIME = b"14:08:38.630789"
SOON = 0.5      # seconds, where the time is to run out

CLOSED = "closed by the server"
RESET = "reset by the server"
BROKEN = "the server broke the protocol"
NO_REPLY = "no reply in time"
EXCHANGE_LATE = "key exchange timed out"
REFUSED = "connection refused"


def flood(session):
    session.sock.sendall(b"\0" * 1_000_000)


def cut_a_reply(session):
    session.handshake()
    session.receive_request()
    session.send(TIME[:9])


def speak_unasked(session):
    session.handshake()
    session.send(TIME)
    session.receive_until_end()


def say_too_much_in_the_exchange(session):
    session.receive_flight()
    session.sock.sendall(draw(129))
    session.receive_until_end()


def stop_in_the_exchange(session):
    session.receive_flight()
    session.sock.sendall(draw(127))
    session.receive_until_end()


@pytest.mark.parametrize("fault, reason", [
    (replying(ending=close), CLOSED),
    (replying(TIME, ending=close), CLOSED),
    (cut_a_reply, CLOSED),
    (replying(ending=reset), RESET),
    (replying(TIME, ending=reset), RESET),
    (replying(TIME, ERROR[:3]), NO_REPLY),
    (replying(b"14.08.38.630789"), BROKEN),
    (replying(b"\0" * 4096), BROKEN),
    (replying(ending=flood), BROKEN)])
def test_what_a_connection_fails_of_is_told_and_the_others_go_on(
        peer, fault, reason):
    script = in_turn(Session.serve, fault)
    numbers = measure(peer(script), "-c", 2, "-n", 300, "--timeout", SOON,
                      status=1)
    assert accounted(numbers) == 300
    assert numbers["connections_failed"] == {reason: 1}
    assert (numbers["missing_replies"], numbers["wrong_replies"]) == (1, 0)
    assert numbers["completed"] == 299


@pytest.mark.parametrize("more", [b"x", TIME])
def test_bytes_behind_a_reply_end_the_connection_and_not_the_reply(peer, more):
    script = in_turn(Session.serve, replying(TIME, TIME + more))
    numbers = measure(peer(script), "-c", 2, "-n", 300, status=1)
    assert numbers["connections_failed"] == {BROKEN: 1}
    assert numbers["completed"] == 300


@pytest.mark.parametrize("fault, reason", [
    (close, CLOSED), (reset, RESET), (stop_in_the_exchange, EXCHANGE_LATE),
    (say_too_much_in_the_exchange, BROKEN), (flood, BROKEN),
    (speak_unasked, BROKEN)])
def test_who_fails_before_the_start_is_counted_and_the_others_go_on(
        peer, fault, reason):
    script = in_turn(Session.serve, fault)
    numbers = measure(peer(script), "-c", 4, "-t", 2, "-n", 40,
                      "--timeout", SOON, status=1)
    assert numbers["completed"] == 40
    assert numbers["connections_failed"] == {reason: 2}
    assert numbers["missing_replies"] == numbers["never_sent"] == 0


@pytest.mark.parametrize("command", ["time", "date", "temp"])
def test_the_error_as_a_reply_is_a_wrong_one(peer, command):
    script = in_turn(replying(*[ERROR] * 10))
    numbers = measure(peer(script), "-c", 1, "-n", 10, "--command", command,
                      status=1)
    assert numbers["wrong_replies"] == 10
    assert (numbers["completed"], numbers["connections_failed"]) == (0, {})


def test_a_time_without_its_fraction_is_one(peer):
    """The original sends it so at microsecond 0."""
    script = in_turn(replying(TIME, TIME[:8], TIME))
    numbers = measure(peer(script), "-c", 1, "-n", 3)
    assert (numbers["completed"], numbers["errors"]) == (3, 0)


@pytest.mark.parametrize("reply", [b"x", b"1-2", b"12345"])
def test_a_temperature_that_is_none_breaks_the_protocol(peer, reply):
    script = in_turn(replying(b"-45", reply))
    numbers = measure(peer(script), "-c", 1, "-n", 9, "--command", "temp",
                      status=1)
    assert accounted(numbers) == 9
    assert (numbers["completed"], numbers["missing_replies"]) == (1, 1)
    assert numbers["connections_failed"] == {BROKEN: 1}


@pytest.mark.parametrize("depth", [1, 4, 32])
@pytest.mark.parametrize("options", [[], ["--rate", 1000]])
def test_what_was_under_way_is_missing_and_the_rest_never_left(
        peer, depth, options):
    """Three replies, and the requests from the fourth on are not answered."""
    script = in_turn(replying(TIME, TIME, TIME, ending=reset))
    finished = bench(peer(script), "--json", "-c", 2, "-t", 2, "-P", depth,
                     "-n", 100, *options)
    assert finished.returncode == 1
    assert "No connection was left" in finished.stderr
    numbers = measure(peer(script), "-c", 2, "-t", 2, "-P", depth,
                      "-n", 100, *options, status=1)
    assert accounted(numbers) == 100
    assert numbers["completed"] <= 6    # a reset can overtake a reply
    assert 2 <= numbers["missing_replies"] <= 2 * depth
    assert sum(numbers["connections_failed"].values()) == 2


def test_a_temperature_may_end_with_the_connection(peer):
    def reply_and_close(session):
        session.handshake()
        session.receive_request()
        session.send(b"-45")

    numbers = measure(peer(in_turn(reply_and_close)), "-c", 1, "-n", 1,
                      "--command", "temp")
    assert (numbers["completed"], numbers["errors"]) == (1, 0)


@pytest.mark.parametrize("options", [
    ["-n", 60, "--command", "mix"], ["-n", 30, "--rate", 300]])
@may_be_hindered
def test_the_original_can_be_measured(peer, options):
    running = peer(original=True)
    numbers = measure(running, "-c", 3, *options)
    assert (numbers["completed"], numbers["errors"]) == (options[1], 0)
    assert running.wait()[0].requests == [b"END"]
    assert sum(len(one.requests) - 1
               for one in running.sessions[1:]) == options[1]


def test_a_run_without_one_reply_is_reported_without_nonsense(peer):
    for options in [], ["--json"]:
        finished = bench(peer(in_turn(close)), "-c", 2, "-d", 5, *options)
        assert finished.returncode == 1
        assert "nan" not in finished.stdout and "inf" not in finished.stdout
    numbers = measure(peer(in_turn(close)), "-c", 2, "-d", 5, status=1)
    assert (numbers["completed"], numbers["achieved_per_s"]) == (0, 0)
    assert numbers["latency"]["request"]["p50_ms"] is None


def test_a_server_that_goes_away_before_the_start_refuses(peer):
    def vanish(session):
        running.listener.shutdown(socket.SHUT_RDWR)
        running.listener.close()
        session.serve()

    running = peer(vanish)
    numbers = measure(running, "-c", 5, "-n", 7, status=1)
    assert numbers["connections_failed"] == {REFUSED: 5}
    assert numbers["never_sent"] == 7


def test_a_queue_that_is_full_is_a_connection_that_times_out():
    """The first connection is served; nobody takes the others."""
    def serve_one():
        sock, _ = listener.accept()
        with Session(sock) as session:
            session.serve()

    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        thread = threading.Thread(target=serve_one, daemon=True)
        thread.start()
        numbers = measure(Listening(listener), "-c", 8, "-n", 8,
                          "--timeout", SOON, status=1)
        thread.join(PATIENCE)
    failed = numbers["connections_failed"]
    assert set(failed) <= {"connecting timed out", EXCHANGE_LATE}
    assert failed["connecting timed out"] > 0
    assert sum(failed.values()) == numbers["never_sent"] == 8


class Listening:
    """Something with an address."""

    def __init__(self, sock):
        self.address = sock.getsockname()


@pytest.mark.parametrize("fault, reason", [
    (close, CLOSED), (reset, RESET), (replying(ending=reset), RESET),
    (say_too_much_in_the_exchange, BROKEN)])
def test_handshakes_that_fail_are_counted_by_reason(peer, fault, reason):
    script = in_turn(Session.serve, fault)
    numbers = measure(peer(script), "--handshakes", "-c", 2, "-n", 6,
                      "--timeout", SOON, status=1)
    failed = numbers["connections_failed"]
    assert set(failed) == {reason}
    assert failed[reason] >= 1
    assert numbers["completed"] + failed[reason] == 6


def speak_garbage(session):
    session.handshake()
    session.receive_request()
    session.sock.sendall(b"\0\x30" + draw(0x30))
    session.receive_until_end()


def err_once(session):
    session.handshake()
    session.receive_request()
    session.send(ERROR)
    for request in iter(session.receive_request, b"END"):
        session.send(session.answer(request))


def be_another(session):
    noise_peer.Session(session.sock).serve()


@pytest.mark.parametrize("fault, reason, wrong", [
    (speak_garbage, {BROKEN: 1}, 0), (replying(b"23:59"), {BROKEN: 1}, 0),
    (err_once, {}, 1),
    (be_another, {"the server presented a different key": 1}, 0)])
def test_secure_sessions_that_fail_are_counted_by_reason(
        peer, fault, reason, wrong):
    identity = noise_peer.new_identity()
    known = noise_peer.session_of(identity)
    script = in_turn(known.serve, fault, session_class=known)
    numbers = measure(peer(script, session_class=known), "-c", 2, "-n", 300,
                      "--secure", "--server-key",
                      noise_peer.text_of(identity), "--timeout", SOON,
                      status=1)
    assert accounted(numbers) == 300
    assert numbers["connections_failed"] == reason
    assert numbers["wrong_replies"] == wrong


def test_a_server_that_is_killed_midway_ends_the_run(server):
    running = server("-t", 1)
    running.expected_status = None
    threading.Timer(0.4, running.process.kill).start()
    numbers = measure(running, "-c", 3, "-t", 3, "-d", 9, status=1)
    failed = numbers["connections_failed"]
    assert sum(failed.values()) == 3 and set(failed) <= {CLOSED, RESET}
    assert numbers["completed"] > 0
    assert numbers["counted_s"] < 5


@pytest.mark.parametrize("status, script, options", [
    (5, close, []), (5, say_too_much_in_the_exchange, []), (5, flood, []),
    (4, silent, []), (5, flood, ["--secure"])])
def test_the_first_connection_fails_like_a_clients(
        peer, status, script, options):
    finished = bench(peer(script), *options, "--timeout", SOON)
    assert (finished.returncode, finished.stdout) == (status, "")
    assert finished.stderr.startswith("[X] ")


def test_nobody_there_is_3(peer):
    unused = peer()
    unused.close()
    finished = bench(unused)
    assert (finished.returncode, finished.stdout) == (3, "")


def test_too_few_descriptors_are_said_before_the_run(server):
    finished = bench(server(), "-c", 100, preexec=few_descriptors(50))
    assert (finished.returncode, finished.stdout) == (3, "")
    assert "50 open files is too low for 100 connections" in finished.stderr
