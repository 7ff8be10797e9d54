# SPDX-License-Identifier: MIT
"""What somebody on the path can try, as acts for `proxy.between`.

Each is a function of the two ends and of what was recorded of an earlier
session of the same two, and is for either exchange.
"""

import noise_peer
from noise_peer import FLIGHT_BYTES, MAGIC
from proxy import relay
from xor_peer import KEY_BYTES, Session, draw, xor

XOR_FLIGHTS = (KEY_BYTES,) * 3


def first_flight(client):
    """Flight 1, whichever exchange it is of, and the lengths of the others."""
    start = client.receive_exactly(8)
    lengths = FLIGHT_BYTES if start == MAGIC else XOR_FLIGHTS
    return start + client.receive_exactly(lengths[0] - 8), lengths


def honest(client, server, _):
    relay(client, server)


def drop(client, server, _):
    client.swallow()


def reset_at_once(client, server, _):
    first_flight(client)
    client.reset()


def cut_the_second_flight(client, server, _):
    _, lengths = first_flight(client)
    server.sock.sendall(client.heard)
    server.forward(client, lengths[1] - 1)


def cut_the_third_flight(client, server, _):
    _, lengths = first_flight(client)
    server.sock.sendall(client.heard)
    server.forward(client, lengths[1])
    client.forward(server, lengths[2] - 1)


def reflect(client, server, _):
    """The client's own flight, as if it were the server's."""
    flight_1, lengths = first_flight(client)
    client.sock.sendall((flight_1 * 3)[-lengths[1]:])
    client.swallow()


def swap_flights(client, server, _):
    """The second before the first, the second to the server as the third."""
    flight_1, lengths = first_flight(client)
    server.sock.sendall(flight_1)
    flight_2 = server.receive_exactly(lengths[1])
    server.sock.sendall(flight_2[-lengths[2]:])
    client.sock.sendall(flight_1 + flight_2)
    relay(client, server)


def replay_to_the_client(client, server, recorded):
    first_flight(client)
    client.sock.sendall(recorded["downwards"])
    client.swallow()


def replay_to_the_server(client, server, recorded):
    first_flight(client)
    server.sock.sendall(recorded["upwards"])
    server.forward(client)


def spoil_the_magic(client, server, _):
    """So that the server takes noise for xor."""
    flight_1, _ = first_flight(client)
    server.sock.sendall(b"smx1" + flight_1[4:] + draw(88))
    relay(client, server)


def answer_in_the_other_exchange(client, server, _):
    flight_1, lengths = first_flight(client)
    if lengths == FLIGHT_BYTES:
        client.sock.sendall(draw(KEY_BYTES))
    else:
        other = noise_peer.Session(client.sock)
        other.read_flight(MAGIC + flight_1[8:40])
        other.send_flight()
    client.swallow()


def be_the_server_over_xor(client, server, _):
    """All of xor's flights, to whoever takes part; and a reply."""
    mask = draw(64)
    flight_1 = client.sock.recv(KEY_BYTES)
    client.sock.sendall(xor(flight_1.ljust(KEY_BYTES, b"?"), mask))
    key = xor(client.sock.recv(KEY_BYTES), mask)
    client.sock.recv(KEY_BYTES)
    client.sock.sendall(xor(b"1999-12-31", key or b"?"))
    client.swallow()


def be_the_server_with_another_key(client, server, _):
    """In the exchange that the client wants."""
    if client.sock.recv(8, 2) != MAGIC:             # MSG_PEEK
        Session(client.sock).serve()
        return
    session = noise_peer.Session(client.sock)
    session.handshake()
    session.serve()


def be_a_secure_client(client, server, _):
    """To the server; and over xor to the client."""
    session = Session(client.sock).handshake()
    with noise_peer.Client(server.sock.getpeername()) as other:
        session.send(other.handshake().ask(session.receive_request()))


ATTACKS = [drop, reset_at_once, cut_the_second_flight, cut_the_third_flight,
           reflect, swap_flights, replay_to_the_client, replay_to_the_server,
           spoil_the_magic, answer_in_the_other_exchange,
           be_the_server_over_xor, be_the_server_with_another_key,
           be_a_secure_client]
