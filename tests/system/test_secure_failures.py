# SPDX-License-Identifier: MIT
"""How a secure session fails: at once, silently, and with a reset."""

import subprocess

import pytest

import noise_peer
from noise_peer import FLIGHT_BYTES, MAGIC
from programs import environment, program, run
from xor_peer import PATIENCE

LOW_ORDER = [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18,
             int("00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b"
                 "7c7aebe0", 16),
             int("57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3"
                 "bc959c5f", 16)]


@pytest.fixture
def begin():
    """Connects Python clients, without a flight so far."""
    clients = []

    def start(running, identity=None):
        clients.append(noise_peer.Client(running.address, identity))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


def flip(data, bit):
    """The data with that bit of it turned."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_key_that_is_not_listed_and_a_bad_last_tag_look_the_same(
        server, begin, tmp_path):
    listed = noise_peer.new_identity()
    file = tmp_path / "authorized"
    file.write_text(f"{noise_peer.text_of(listed)} listed\n")
    running = server("--authorized-keys", file)
    transcripts = []
    for identity, is_bad in ((None, False), (listed, True), (None, True)):
        client = begin(running, identity)
        client.send_flight()
        client.receive_flight()
        assert client.receive_within(0.05) is None
        flight_3 = client.write_flight()
        assert len(flight_3) == FLIGHT_BYTES[2]
        client.sock.sendall(flight_3[:-1])
        assert client.receive_within(0.1) is None   # the last byte counts
        last = flight_3[-1] ^ is_bad
        client.sock.sendall(bytes([last]))
        transcripts.append((len(client.flights[1]), client.ends_with_reset()))
    assert transcripts == [(FLIGHT_BYTES[1], True)] * 3
    running.wait_for_counter("now", 0)
    counters = running.counters()
    assert (counters["key not authorized"], counters["protocol error"]) == (1, 2)
    client = begin(running, listed).handshake()
    assert client.ask(b"DATE")


@pytest.mark.parametrize("pipelines", [False, True])
def test_requests_behind_a_flight_that_is_refused_are_not_served(
        server, begin, tmp_path, pipelines):
    file = tmp_path / "authorized"
    file.write_text("# nobody\n")
    running = server("--authorized-keys", file)
    client = begin(running)
    client.send_flight()
    client.receive_flight()
    flight_3 = client.write_flight()
    client.sock.sendall(flight_3 + client.seal(*[b"TIME"] * 5 * pipelines))
    assert client.ends_with_reset()
    assert running.counters()["TIME"] == 0


@pytest.mark.parametrize("where", [
    "e is of low order", "s is wrong", "s's tag", "the last tag"])
def test_each_wrong_part_of_the_exchange_resets_the_connection(
        server, begin, where):
    running = server()
    for number in range(len(LOW_ORDER)):
        client = begin(running)
        if where == "e is of low order":
            point = LOW_ORDER[number].to_bytes(32, "little")
            client.sock.sendall(MAGIC + point)
        else:
            client.send_flight()
            client.receive_flight()
            first = {"s is wrong": 0, "s's tag": 32, "the last tag": 48}[where]
            flight_3 = client.write_flight()
            client.sock.sendall(flip(flight_3, 8 * first + 17 * number))
        assert client.ends_with_reset()
    assert running.counters()["protocol error"] == len(LOW_ORDER)


@pytest.mark.parametrize("frame", [
    b"\0\0", b"\0\x10", b"\0\x2f", b"\0\x31", b"\0\x50\0"[:2] + b"\0" * 80,
    b"\x04\x11", b"\x04\x30", b"\xff\xff", b"\0\x30" + b"\0" * 48])
def test_a_wrong_frame_resets_the_connection(server, begin, frame):
    client = begin(server()).handshake()
    assert client.ask(b"DATE")
    client.sock.sendall(frame)
    assert client.ends_with_reset()


def test_frames_replayed_reordered_dropped_or_reflected_reset_it(
        server, begin):
    running = server()
    for tamper in ("replay", "reorder", "drop", "reflect"):
        client = begin(running).handshake()
        one, two = client.seal(b"TIME"), client.seal(b"DATE")
        client.sock.sendall({"replay": one, "reorder": two, "drop": two,
                             "reflect": one}[tamper])
        if tamper in ("replay", "reflect"):
            reply = client.receive_frame()
            client.sock.sendall(one if tamper == "replay" else reply)
        assert client.ends_with_reset(), tamper
    running.wait_for_counter("now", 0)
    assert running.counters()["DATE"] == 0


def test_an_end_within_a_flight_or_a_frame_resets_the_connection(
        server, begin):
    running = server()
    for count in (8, 39):
        client = begin(running)
        client.sock.sendall(client.write_flight()[:count])
        client.finish_sending()
        assert client.ends_with_reset(), count
    for count in (1, 2, 49):
        client = begin(running).handshake()
        client.sock.sendall(client.seal(b"TIME")[:count])
        client.finish_sending()
        assert client.ends_with_reset(), count


def test_a_flight_that_is_late_resets_the_connection(server, begin):
    running = server("--handshake-timeout", 0.2)
    first, second = begin(running), begin(running)
    first.sock.sendall(first.write_flight()[:20])
    second.send_flight()
    second.receive_flight()
    assert first.ends_with_reset()
    assert second.ends_with_reset()
    assert running.counters()["handshake timeout"] == 2


def ask(running, tmp_path, *options):
    return run("smx-client", "--secure", *options, "--identity",
               tmp_path / "client.key", *running.address, "date",
               XDG_CONFIG_HOME=str(tmp_path))


def check_failure(finished, status):
    assert finished.returncode == status, finished
    *alarm, line = finished.stderr.splitlines()
    assert line.startswith("[X] ")
    assert all(line.startswith("[!] ") for line in alarm)
    assert finished.stdout == ""


def listen_to_the_end(session):
    """What is still said, and whether the end is a reset."""
    said = b""
    try:
        for piece in iter(lambda: session.sock.recv(1024), b""):
            said += piece
    except ConnectionResetError:
        return said, True
    return said, False


def test_the_client_says_nothing_to_a_server_with_another_key(peer, tmp_path):
    heard = []

    def script(session):
        session.receive_flight()
        session.send_flight()
        heard.append(listen_to_the_end(session)[0])

    running = peer(script, session_class=noise_peer.Session)
    other = noise_peer.text_of(noise_peer.new_identity())
    check_failure(ask(running, tmp_path, "--server-key", other), 6)
    file = tmp_path / "smx" / "known_servers"
    file.parent.mkdir()
    file.write_text("[%s]:%u %s\n" % (*running.address, other))
    check_failure(ask(running, tmp_path), 6)
    check_failure(ask(running, tmp_path, "--trust-new"), 6)
    file.write_text("")
    check_failure(ask(running, tmp_path), 6)
    running.wait()
    # Three times it asked for an older key as well.
    assert heard == [b""] * 7


@pytest.mark.parametrize("first_bit", [0, 32 * 8, 64 * 8, 80 * 8])
def test_the_client_says_nothing_after_a_second_flight_with_a_flipped_bit(
        peer, tmp_path, first_bit):
    heard = []

    def script(session):
        session.receive_flight()
        bit = first_bit + 17 * len(heard)
        session.sock.sendall(flip(session.write_flight(), bit))
        heard.append(listen_to_the_end(session)[0])

    running = peer(script, session_class=noise_peer.Session)
    for _ in range(7):
        check_failure(ask(running, tmp_path, "--trust-new"), 5)
    running.wait()
    assert heard == [b""] * 7


@pytest.mark.parametrize("what", ["flight", "reply"])
def test_the_client_resets_the_connection_after_a_flipped_bit(
        peer, tmp_path, what):
    heard = []

    def script(session):
        session.receive_flight()
        if what == "flight":
            session.sock.sendall(flip(session.write_flight(), 700))
        else:
            session.send_flight()
            session.receive_flight()
            reply = session.seal(session.answer(session.receive_request()))
            session.sock.sendall(flip(reply, 300))
        heard.append(listen_to_the_end(session))

    running = peer(script, session_class=noise_peer.Session)
    check_failure(ask(running, tmp_path, "--trust-new"), 5)
    running.wait()
    assert heard == [(b"", True)]


def test_half_a_reply_is_no_refusal_of_the_key(peer, tmp_path):
    def script(session):
        session.handshake()
        frame = session.seal(session.answer(session.receive_request()))
        session.sock.sendall(frame[:20])

    running = peer(script, session_class=noise_peer.Session)
    finished = ask(running, tmp_path, "--trust-new")
    check_failure(finished, 1)
    assert "closed the connection" in finished.stderr


def test_an_end_instead_of_the_first_reply_may_be_one(peer, tmp_path):
    def script(session):
        session.handshake()
        session.receive_request()

    running = peer(script, session_class=noise_peer.Session)
    finished = ask(running, tmp_path, "--trust-new")
    check_failure(finished, 6)
    assert "before its first reply" in finished.stderr


def test_the_end_of_an_idle_session_is_none(server, tmp_path):
    client = subprocess.Popen(
        [program("smx-client"), "-s", "--trust-new",
         *map(str, server("--idle-timeout", 0.2).address)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
        env=environment(HOME=str(tmp_path)))
    with client:
        assert "closed the connection" in client.stderr.readline()
        client.stdin.close()
        assert client.wait(PATIENCE) == 0
