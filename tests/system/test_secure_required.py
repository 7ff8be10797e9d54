# SPDX-License-Identifier: MIT
"""Which exchange is served, and what the log says of it."""

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import noise_peer
from noise_peer import MAGIC
from xor_peer import draw

BAD_HANDSHAKES = 200


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


def shake_badly(address):
    with noise_peer.Client(address) as client:
        client.sock.sendall(client.write_flight()[:8] + bytes(32))
        assert client.ends_with_reset()


def test_a_refusal_is_logged_with_its_reason_and_the_address(server):
    running = server()
    with noise_peer.Client(running.address) as client:
        address = "%s:%u" % client.address
        client.sock.sendall(MAGIC + bytes(32))
        assert client.ends_with_reset()
    line = running.output.expect(r"^\[!\] Refused .*$").group()
    assert address in line
    assert "protocol error" in line


@pytest.mark.parametrize("options", [["-t", "1"], ["-t", "2", "--quiet"]])
def test_many_refusals_are_few_lines_and_then_a_number(server, options):
    running = server(*options)
    begin = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(shake_badly, [running.address] * BAD_HANDSHAKES))
    running.wait_for_counter("now", 0)
    seconds = time.monotonic() - begin
    assert running.counters()["protocol error"] == BAD_HANDSHAKES
    time.sleep(1.1)
    for _ in range(4):      # each worker says it when the next one comes
        shake_badly(running.address)
    running.output.expect(r"^\[!\] Refused \d+ more$")
    running.wait_for_counter("now", 0)
    text = running.output.text
    lines = re.findall(r"^\[!\] Refused \d+\.\d+.*$", text, re.M)
    more = re.findall(r"^\[!\] Refused (\d+) more$", text, re.M)
    threads = int(options[1])
    assert len(lines) <= (seconds + 2) * 10 * threads + 4
    assert len(lines) + sum(map(int, more)) == BAD_HANDSHAKES + 4


def test_refusals_left_unsaid_are_said_when_the_server_stops(server):
    running = server("--threads", 2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(shake_badly, [running.address] * BAD_HANDSHAKES))
    running.wait_for_counter("now", 0)
    running.signal(signal.SIGTERM)
    running.output.expect(r"^\[!\] Server stopped.*$")
    text = running.output.text
    lines = re.findall(r"^\[!\] Refused \d+\.\d+.*$", text, re.M)
    more = re.findall(r"^\[!\] Refused (\d+) more$", text, re.M)
    assert more
    assert len(lines) + sum(map(int, more)) == BAD_HANDSHAKES
