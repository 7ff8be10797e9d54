# SPDX-License-Identifier: MIT
"""What the server answers, and how a session ends."""

import datetime
import re
import time

import pytest

from programs import SLACK, wait_until
from xor_peer import ERROR


def test_time_is_local_with_six_digits(server, connect):
    client = connect(server(TZ="XYZ-7:30"))
    zone = datetime.timezone(datetime.timedelta(hours=7, minutes=30))
    before = datetime.datetime.now(zone)
    reply = client.ask(b"TIME").decode()
    after = datetime.datetime.now(zone)
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{6}", reply)
    said = datetime.datetime.strptime(reply, "%H:%M:%S.%f").time()
    if before.date() == after.date():
        assert before.time() <= said <= after.time()


@pytest.mark.parametrize("zone, hours", [("XYZ-14", 14), ("XYZ+12", -12)])
def test_date_is_local(server, connect, zone, hours):
    client = connect(server(TZ=zone))
    local = datetime.timezone(datetime.timedelta(hours=hours))
    before = datetime.datetime.now(local).date()
    reply = client.ask(b"DATE").decode()
    after = datetime.datetime.now(local).date()
    assert reply in (str(before), str(after))


def test_time_goes_on(server, connect):
    client = connect(server())
    times = [client.ask(b"TIME") for _ in range(100)]
    assert len(set(times)) == 100


def test_temperature_is_drawn_from_minus_100_to_100(server, connect):
    client, drawn = connect(server()), []
    for _ in range(2000):
        client.send(b"TEMP")
        drawn.append(int(client.seal(client.sock.recv(1024))))
    assert -100 <= min(drawn) < -90
    assert 90 < max(drawn) <= 100
    assert len(set(drawn)) > 190


def test_replies_come_in_the_order_of_the_requests(server, connect):
    client = connect(server())
    client.send(b"DATE", b"TIME", b"DATE", b"TIME")
    lengths = [len(client.receive_reply(word)) for word in
               (b"DATE", b"TIME", b"DATE", b"TIME")]
    assert lengths == [10, 15, 10, 15]


def test_each_reply_leaves_in_one_piece(server, connect):
    client = connect(server(), original=True)
    for _ in range(100):
        assert len(client.ask(b"TIME")) == 15
        assert len(client.ask(b"DATE")) == 10
        assert re.fullmatch(rb"-?\d{1,3}", client.ask(b"TEMP"))
        assert client.ask(b"?") == ERROR


def test_end_gets_no_reply_but_the_end_of_the_stream(server, connect):
    client = connect(server())
    client.send(b"END")
    assert client.receive_until_end() == b""


def test_replies_owed_at_the_end_are_sent_whatever_follows(server, connect):
    """Closing over unread bytes would reset the connection and lose them."""
    client = connect(server(), receive_buffer=2048)
    client.send(*[b"TIME"] * 200, b"END", *[b"DATE"] * 2000)
    time.sleep(0.1)
    assert len(client.receive_until_end()) == 200 * 15


def test_bytes_that_come_after_the_end_are_discarded(server, connect):
    client = connect(server())
    client.send(b"TIME", b"END")
    assert len(client.receive_reply(b"TIME")) == 15
    for _ in range(5):
        client.sock.sendall(b"more of this" * 100)
        time.sleep(0.02)
    assert client.receive_until_end() == b""


def test_after_end_the_server_waits_a_second_at_most(server, connect):
    running = server()
    client = connect(running)
    client.send(b"END")
    assert client.receive_until_end() == b""
    wait_until(
        lambda: running.counters()["now"] == 0, "end of session", 1 + SLACK)


def test_bytes_after_end_are_not_answered(server, connect):
    client = connect(server())
    client.send(b"TIME", b"END", b"TIME", b"TIME")
    assert len(client.receive_until_end()) == 15


def test_half_close_is_answered_and_closed(server, connect):
    client = connect(server())
    client.send(*[b"TIME"] * 50)
    client.finish_sending()
    assert len(client.receive_until_end()) == 50 * 15


def test_half_close_without_a_request_is_closed(server, connect):
    client = connect(server())
    client.finish_sending()
    assert client.ended_within(5)


@pytest.mark.parametrize("flight_1_bytes", [0, 1, 127])
def test_half_close_within_the_first_flight_is_closed(
        server, connect, flight_1_bytes):
    client = connect(server(), handshake=False)
    client.sock.sendall(client.flight_1()[:flight_1_bytes])
    client.finish_sending()
    assert client.ended_within(4)


def test_half_close_within_the_third_flight_is_closed(server, connect):
    client = connect(server(), handshake=False)
    client.sock.sendall(client.flight_1())
    client.sock.sendall(client.flight_3(client.receive_flight())[:100])
    client.finish_sending()
    assert client.ended_within(4)


def test_half_close_within_a_word_is_closed(server, connect):
    client = connect(server())
    client.send(b"TIM")
    client.finish_sending()
    assert client.receive_until_end() in (b"", client.seal(ERROR))


def test_sessions_have_keys_of_their_own(server, connect):
    running = server()
    clients = [connect(running) for _ in range(20)]
    for client in clients + clients[::-1]:
        assert client.ask(b"DATE").count(b"-") == 2
