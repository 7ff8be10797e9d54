# SPDX-License-Identifier: MIT
"""A thousand clients that vanish, in every state, leave nothing behind."""

import collections
import socket
import struct

TIMES = 48      # for each of 7 states and 3 ways: 1,008 clients in all


def connected(client):
    pass


def within_flight_1(client):
    client.sock.sendall(client.flight_1()[:77])


def after_flight_1(client):
    client.sock.sendall(client.flight_1())


def within_flight_3(client):
    client.sock.sendall(client.flight_1())
    client.sock.sendall(client.flight_3(client.receive_flight())[:77])


def in_session(client):
    client.handshake()


def within_word(client):
    client.handshake().send(b"TIM")


def with_replies_unread(client):
    client.handshake().send(*[b"TIME", b"DATE"] * 100)


STATES = (connected, within_flight_1, after_flight_1, within_flight_3,
          in_session, within_word, with_replies_unread)


def reset(client):
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                           struct.pack("ii", 1, 0))
    client.close()


def half_close(client):
    client.finish_sending()     # and closed much later: see below


def close(client):
    client.close()


def vanish(connect, running):
    half_closed = collections.deque()
    for _ in range(TIMES):
        for state in STATES:
            for way in (reset, half_close, close):
                client = connect(running, handshake=False)
                state(client)
                way(client)
                half_closed.append(client)
                if len(half_closed) > 60:
                    half_closed.popleft().close()
    for client in half_closed:
        client.close()


def test_a_thousand_vanished_clients_leave_nothing_behind(server, connect):
    running = server("--threads", 4)
    first = connect(running)
    assert first.ask(b"TIME")
    threads, descriptors = running.threads(), running.descriptors()

    vanish(connect, running)

    assert first.ask(b"TIME")
    assert running.wait_for_counter("now", 1)
    running.wait_for_descriptors(descriptors)
    assert running.threads() == threads
    assert running.counters()["in all"] == 1 + 3 * len(STATES) * TIMES
    client = connect(running)
    assert [len(client.ask(word)) for word in (b"TIME", b"DATE")] == [15, 10]


def test_a_client_that_resets_while_replies_are_stuck_is_let_go(
        server, connect):
    running = server()
    for _ in range(5):
        client = connect(running, receive_buffer=2048)
        client.send(*[b"TIME"] * 5000)
        reset(client)
    assert running.wait_for_counter("now", 0)
