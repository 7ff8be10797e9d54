# SPDX-License-Identifier: MIT
"""What is left of a session's keys in the server's memory: nothing.

The peer knows every key of the session but one, the server's own ephemeral
secret; that one is found in the server's memory while the server still needs
it, by the public key that it belongs to.
"""

import base64
import os
import pathlib
import re
import subprocess

import pytest

import noise_peer
from programs import wait_until

PAGE_BYTES = 4096
NOBODY = 65534
NEAR = 256      # bytes from a public key to its secret half

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root may read the server's memory")


def memory(pid):
    """All that can be read of it, a piece for each of its mappings."""
    pieces = []
    with open(f"/proc/{pid}/maps") as maps, \
            open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            start, end = (int(word, 16)
                          for word in line.split()[0].split("-"))
            if line.split()[1].startswith("---") or "[v" in line:
                continue    # guards; the kernel's own pages
            mem.seek(start)
            piece = b""
            while len(piece) < end - start:
                try:
                    more = mem.read(end - start - len(piece))
                except OSError:     # behind the end of a mapped file
                    break
                if not more:
                    break
                piece += more
            pieces.append(piece)
    assert sum(map(len, pieces)) > 100 * PAGE_BYTES
    return pieces


def places(pieces, wanted):
    return sum(piece.count(wanted) for piece in pieces)


def ephemeral_secret(pieces, public):
    """The secret half of a key pair whose public half is in there."""
    dh = noise_peer.X25519DH()
    for piece in pieces:
        for match in re.finditer(re.escape(public), piece):
            near = piece[max(0, match.start() - NEAR):match.end() + NEAR]
            for i in range(len(near) - 31):
                secret = noise_peer.PrivateKey(near[i:i + 32])
                if dh.generate_keypair(secret).public.data == public:
                    return near[i:i + 32]
    return None


@pytest.fixture
def running(server, tmp_path):
    identity = noise_peer.new_identity()
    key = noise_peer.save_identity(identity, tmp_path / "server.key")
    # Looking through its memory in the middle of a flight takes its time.
    running = server("--threads", 1, "--key", key, "--handshake-timeout", 60)
    running.identity = identity
    running.output.expect("Public key: ")
    if running.is_sanitized():
        pytest.skip("a sanitized program keeps what was freed")
    return running


def begin(running):
    """A session up to the second flight, and the server's part in it."""
    client = noise_peer.Client(running.address)
    client.send_flight()
    flight_2 = client.receive_exactly(noise_peer.FLIGHT_BYTES[1])
    secret = ephemeral_secret(memory(running.pid), flight_2[:32])
    assert secret, "the server's ephemeral key is not where it was looked for"
    client.read_flight(flight_2)
    return client, secret


def found(running, secrets):
    pieces = memory(running.pid)
    return [secret.hex() for secret in secrets if places(pieces, secret)]


def is_gone(running, secrets):
    running.wait_for_counter("now", 0)
    wait_until(lambda: not found(running, secrets), "no key is left")


@needs_root
@pytest.mark.parametrize("ending", ["END", "close", "failure"])
def test_no_key_of_a_session_outlives_it(running, ending):
    client, ephemeral = begin(running)
    with client:
        client.send_flight()
        for request in (b"TIME", b"DATE", b"TEMP", b"?") * 3:
            assert client.ask(request)
        transport = [cipher._key for cipher in client.ciphers]
        handshake = [ephemeral, *(secret for secret in client.secrets()
                                  if secret not in transport)]
        assert sorted(found(running, transport)) == sorted(
            key.hex() for key in transport)     # so they would be found
        assert found(running, handshake) == []
        if ending == "END":
            client.send(b"END")
            assert client.receive_until_end() == b""
        elif ending == "failure":
            client.sock.sendall(b"\0\0")
            assert client.ends_with_reset()
    is_gone(running, [*transport, *handshake])


@needs_root
@pytest.mark.parametrize("ending", ["close", "bad tag", "half a flight"])
def test_no_key_of_an_exchange_that_fails_outlives_it(running, ending):
    client, ephemeral = begin(running)
    with client:
        flight_3 = client.write_flight()
        if ending == "bad tag":
            client.sock.sendall(flight_3[:-1] + bytes([flight_3[-1] ^ 1]))
            assert client.ends_with_reset()
        elif ending == "half a flight":
            client.sock.sendall(flight_3[:50])
    is_gone(running, [ephemeral, *client.secrets()])


@needs_root
def test_no_key_of_many_sessions_at_once_outlives_them(running):
    clients = [noise_peer.Client(running.address) for _ in range(20)]
    for client in clients:
        assert client.handshake().ask(b"DATE")
    secrets = [secret for client in clients for secret in client.secrets()]
    assert len(found(running, secrets)) == 2 * len(clients)
    for client in clients:
        client.close()
    is_gone(running, secrets)


@needs_root
def test_the_servers_own_secret_is_in_exactly_one_place(running):
    for number in range(3):
        with noise_peer.Client(running.address) as client:
            assert client.handshake().ask(b"DATE")
        running.wait_for_counter("now", 0)
        secret = running.identity.private.data
        pieces = memory(running.pid)
        assert places(pieces, secret) == 1
        # The first and the last byte are changed where it is used.
        assert places(pieces, secret[1:31]) == 1
        text = base64.b64encode(secret)
        assert places(pieces, text[:20]) == places(pieces, text[20:40]) == 0


@needs_root
def test_a_new_secret_is_in_exactly_one_place_too(
        server, running, tmp_path):
    file = tmp_path / "new.key"
    maker = server("--threads", 1, "--key", file)
    maker.output.expect("Public key: ")
    pieces = memory(maker.pid)
    assert places(pieces, noise_peer.load_identity(file).private.data) == 1
    text = file.read_bytes()
    assert places(pieces, text[:20]) == places(pieces, text[20:40]) == 0


@needs_root
def test_the_secret_is_locked_and_guarded_and_left_out_of_dumps(running):
    """What the kernel says of the page that it is in."""
    secret = running.identity.private.data
    smaps = pathlib.Path(f"/proc/{running.pid}/smaps").read_text()
    mappings = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", smaps, flags=re.M)[1:]
    with open(f"/proc/{running.pid}/mem", "rb", 0) as mem:
        for before, mapping, behind in zip(
                mappings, mappings[1:], mappings[2:]):
            start, end = (int(number, 16)
                          for number in mapping.split()[0].split("-"))
            if mapping.split()[1] != "r--p" or end - start > 4 * PAGE_BYTES:
                continue
            mem.seek(start)
            if secret not in mem.read(end - start):
                continue
            flags = re.search(r"VmFlags: (.*)", mapping).group(1).split()
            assert "lo" in flags    # locked
            assert "dd" in flags    # not dumped
            assert before.split()[1] == behind.split()[1] == "---p"
            return
    pytest.fail("no mapping of its own holds it")


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def test_no_core_dump_can_hold_a_key(server, running):
    limits = pathlib.Path(f"/proc/{running.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
    try:
        humble = server(preexec=become_nobody)
    except (PermissionError, subprocess.SubprocessError):
        pytest.skip("nobody may not run the server where it is")
    humble.expected_errors = True       # it has no home, and so no key
    # What may not be dumped belongs to root, whoever runs it.
    assert os.stat(f"/proc/{humble.pid}/mem").st_uid == 0
