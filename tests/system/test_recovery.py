# SPDX-License-Identifier: MIT
"""Requests cut and joined in every way, as the server recovers them."""

import itertools
import random
import re
import threading
import time

import pytest

from programs import SLACK
from xor_peer import ERROR, next_request, xor

FORM = {b"TIME": rb"\d\d:\d\d:\d\d\.\d{6}", b"DATE": rb"\d{4}-\d\d-\d\d",
        b"TEMP": rb"-?\d{1,3}"}
PAUSE = 0.002       # long enough that the server sees the pieces apart


def send_in_pieces(client, data, *places):
    for begin, end in itertools.pairwise([0, *places, len(data)]):
        client.sock.sendall(data[begin:end])
        time.sleep(PAUSE)


def check(client, *words):
    """The replies to these words arrive, each of its form."""
    for word in words:
        assert re.fullmatch(FORM[word], client.receive_reply(word))


def test_first_flight_may_be_cut_at_every_byte(server, connect):
    running = server()
    for place in range(1, 128):
        client = connect(running, handshake=False)
        send_in_pieces(client, client.flight_1(), place)
        client.sock.sendall(client.flight_3(client.receive_flight()))
        client.send(b"TIME")
        check(client, b"TIME")
        client.close()


def test_third_flight_and_first_request_may_be_cut_at_every_byte(
        server, connect):
    running = server()
    for place in range(1, 132):
        client = connect(running, handshake=False)
        client.sock.sendall(client.flight_1())
        flight_3 = client.flight_3(client.receive_flight())
        send_in_pieces(client, flight_3 + client.seal(b"DATE"), place)
        check(client, b"DATE")
        client.close()


def test_third_flight_and_requests_may_come_in_one_segment(server, connect):
    client = connect(server(), handshake=False)
    client.sock.sendall(client.flight_1())
    flight_3 = client.flight_3(client.receive_flight())
    client.sock.sendall(flight_3 + client.seal(b"TIME", b"DATE", b"TEMP"))
    check(client, b"TIME", b"DATE", b"TEMP")


def test_a_whole_session_may_come_byte_by_byte(server, connect):
    client = connect(server(), handshake=False)
    send_in_pieces(client, client.flight_1(), *range(1, 128))
    flight_3 = client.flight_3(client.receive_flight())
    send_in_pieces(client, flight_3, *range(1, 128))
    words = client.seal(b"TIME", b"DATE", b"TEMP", b"END")
    send_in_pieces(client, words, *range(1, len(words)))
    check(client, b"TIME", b"DATE", b"TEMP")
    assert client.ended_within(5)


@pytest.mark.parametrize("word", [b"TIME", b"DATE", b"TEMP"])
def test_a_word_may_be_cut_at_every_byte(server, connect, word):
    client = connect(server())
    for place in range(1, len(word)):
        send_in_pieces(client, client.seal(word), place)
        check(client, word)


def test_four_joined_words_may_be_cut_at_every_byte(server, connect):
    running = server()
    for place in range(15):
        client = connect(running)
        words = client.seal(b"TIME", b"DATE", b"TEMP", b"END")
        send_in_pieces(client, words, *([place] if place else []))
        check(client, b"TIME", b"DATE", b"TEMP")
        assert client.ended_within(5)
        client.close()


def test_a_word_is_answered_before_the_rest_of_the_next(server, connect):
    client = connect(server())
    client.sock.sendall(client.seal(b"TIME") + client.seal(b"DATE")[:2])
    check(client, b"TIME")
    client.sock.sendall(client.seal(b"DATE")[2:])
    check(client, b"DATE")


def test_two_hundred_words_in_one_segment_get_as_many_replies(server, connect):
    client = connect(server())
    client.send(*[b"TIME"] * 200)
    check(client, *[b"TIME"] * 200)
    assert client.receive_within(0.1) is None


def test_ten_thousand_words_in_a_row_are_all_recovered(server, connect):
    client = connect(server())
    words = [b"TIME", b"DATE"] * 5000
    sender = threading.Thread(target=client.send, args=words)
    sender.start()
    check(client, *words)
    sender.join()


@pytest.mark.parametrize("request_", [
    b"time", b"tImE", b" TIME", b"TIME ", b"TIME\n", b"TIME\r\n",
    b"\t\n\v\f\r Time\r\f\v\n\t ", b" " * 1020 + b"TIME"])
def test_white_space_and_case_do_not_matter(server, connect, request_):
    client = connect(server())
    client.send(request_)
    check(client, b"TIME")
    assert client.receive_within(0.1) is None


@pytest.mark.parametrize("end", [b"END", b"end", b" eNd\r\n"])
def test_end_may_be_written_like_the_others(server, connect, end):
    client = connect(server())
    client.send(end)
    assert client.ended_within(5)


@pytest.mark.parametrize("request_", [
    b"HELLO", b"TIM!", b"ENTER", b"0", b"GET / HTTP/1.1\r\n\r\n", b" ",
    b"\t\n\v\f\r ", b" " * 1024, "zażółć".encode(), b"\0", b"\xff" * 8])
def test_what_is_no_word_gets_the_error(server, connect, request_):
    client = connect(server())
    assert client.ask(request_) == ERROR
    assert client.receive_within(0.1) is None
    client.send(b"TIME")
    check(client, b"TIME")


def noise(size, key):
    """Random bytes, none of which can be the start of a word or white."""
    avoided = xor(b"TDEtde\t\n\v\f\r ", key[:1])
    return bytes(random.choices(list(set(range(256)) - set(avoided)), k=size))


@pytest.mark.parametrize("size", [1, 1024, 1025, 100_000])
def test_noise_gets_errors_and_the_session_goes_on(server, connect, size):
    client = connect(server())
    client.sock.sendall(noise(size, client.key))
    errors = b""
    while piece := client.receive_within(0.3):
        errors += piece
    count, rest = divmod(len(errors), len(ERROR))
    assert rest == 0
    assert errors == client.seal(*[ERROR] * count)
    assert -(-size // 1024) <= count <= size
    client.send(b"TIME")
    check(client, b"TIME")


def test_a_lone_letter_is_answered_after_its_second(server, connect):
    client = connect(server())
    begin = time.monotonic()
    assert client.ask(b"T") == ERROR
    assert 0.9 < time.monotonic() - begin < 1 + SLACK
    client.send(b"TIME")
    check(client, b"TIME")


def test_the_second_counts_from_the_last_byte(server, connect):
    client = connect(server())
    for letter in client.seal(b"DATE"):
        assert client.receive_within(0.5) is None
        client.sock.sendall(bytes([letter]))
    check(client, b"DATE")


def test_half_a_word_keeps_nobody_waiting(server, connect):
    running = server("--threads", 1)
    waiting, other = connect(running), connect(running)
    waiting.send(b"TIM")
    other.send(b"TIME")
    check(other, b"TIME")
    assert waiting.receive_reply() == ERROR


def by_the_rules(unread, key):
    """All requests in these bytes; None where the rules would wait."""
    found = []
    while unread:
        request = next_request(unread, key)
        if request is None:
            return None
        found.append(request[0])
        unread = unread[request[1]:]
    return found


def random_piece(source):
    word = source.choice([b"TIME", b"DATE", b"date", b"tIMe"])
    space = source.choice([b"", b"", b" ", b"\r\n"])
    noise = source.choice([b"", b"", b"", b"x", b"TIM", b"\0\0"])
    return source.choice([b"", space]) + word + space + noise


def test_random_mixtures_are_recovered_by_the_rules(server, connect):
    seed = random.randrange(2 ** 32)
    print(f"seed {seed}")
    source = random.Random(seed)
    client = connect(server())
    for _ in range(500):
        pieces = [random_piece(source) for _ in range(source.randint(1, 5))]
        sent = client.seal(*pieces)
        requests = by_the_rules(sent, client.key)
        if requests is None or not {b"TEMP", b"END"}.isdisjoint(requests):
            continue
        client.sock.sendall(sent)
        for request in requests:
            reply = client.receive_reply(request)
            assert re.fullmatch(FORM.get(request, re.escape(ERROR)), reply), \
                f"{pieces} under {client.key.hex()}"
    assert client.receive_within(0.1) is None
