# SPDX-License-Identifier: MIT
"""Which exchange is served, and what the log says of it."""

import re
import time

import pytest

import noise_peer
from noise_peer import MAGIC
from xor_peer import draw


def test_one_port_serves_both_exchanges(server, connect):
    running = server("--threads", 1)
    xor = connect(running)
    with noise_peer.Client(running.address) as noise:
        noise.handshake()
        for _ in range(3):
            assert xor.ask(b"DATE") == noise.ask(b"DATE")


@pytest.mark.parametrize("same", range(8))
def test_where_secure_is_required_the_first_different_byte_is_the_end(
        server, connect, same):
    client = connect(server("--require-secure"), handshake=False)
    client.sock.sendall(MAGIC[:same])
    if same:
        assert not client.ended_within(0.1)
    client.sock.sendall(bytes([MAGIC[same] ^ 1]))
    assert client.ended_within(5)


@pytest.mark.parametrize("same", range(8))
def test_elsewhere_a_different_byte_means_xor(server, connect, same):
    """Also one that begins as the magic does."""
    running = server()
    client = connect(running, handshake=False)
    flight_1 = MAGIC[:same] + bytes([MAGIC[same] ^ 1]) + draw(119 + 8 - same)
    client.key = bytes(a ^ b for a, b in zip(flight_1, client.mask * 2))
    client.sock.sendall(flight_1[:same + 1])
    time.sleep(0.02)    # so that they come apart
    client.sock.sendall(flight_1[same + 1:])
    client.sock.sendall(client.flight_3(client.receive_flight()))
    assert client.ask(b"DATE")


def test_a_flight_of_the_other_exchange_is_never_answered_where_required(
        server, connect):
    running = server("--require-secure")
    for _ in range(20):
        client = connect(running, handshake=False)
        client.sock.sendall(client.flight_1())
        assert client.ended_within(5)
    running.wait_for_counter("now", 0)
    assert running.counters()["exchange not offered"] == 20


def test_a_changed_magic_ends_at_the_handshake_deadline_at_the_latest(server):
    running = server("--handshake-timeout", 0.3)
    clients = []
    for place in range(8):
        changed = bytearray(MAGIC)
        changed[place] ^= 0x20
        clients.append(
            noise_peer.Client(running.address, magic=bytes(changed)))
        clients[-1].send_flight()
    for client in clients:
        assert client.ended_within(5)
        client.close()
    assert running.counters()["handshake timeout"] == 8


def test_another_prologue_behind_the_right_magic_fails(server):
    with noise_peer.Client(server().address, magic=b"SMX1-XX\r") as client:
        flight_1 = client.write_flight()
        client.sock.sendall(MAGIC + flight_1[8:])
        with pytest.raises(noise_peer.WrongTag):
            client.receive_flight()


def test_a_secure_session_is_one_line_with_the_key_of_the_client(server):
    running = server()
    with noise_peer.Client(running.address) as client:
        address = "%s:%u" % client.address
        client.handshake()
        key = noise_peer.text_of(client.identity)
        running.output.expect(r"^\[#\] Secure session with "
                              + re.escape(f"{address}: {key}") + "$")
        client.send(b"END")
        assert client.receive_until_end() == b""
    running.output.expect(rf"^\[!\] Connection ended with {address}$")
    assert running.output.text.count("Secure session") == 1


def test_quiet_leaves_the_sessions_out(server):
    running = server("--quiet")
    with noise_peer.Client(running.address) as client:
        assert client.handshake().ask(b"DATE")
    running.wait_for_counter("now", 0)
    assert "Secure session" not in running.output.text
    assert "Connection" not in running.output.text


def test_a_refusal_is_logged_with_its_reason_and_the_address(server):
    running = server()
    with noise_peer.Client(running.address) as client:
        address = "%s:%u" % client.address
        client.sock.sendall(MAGIC + bytes(32))
        assert client.ends_with_reset()
    line = running.output.expect(r"^\[!\] Refused .*$").group()
    assert address in line
    assert "protocol error" in line
