# SPDX-License-Identifier: MIT
"""Both programs against dissononce, which knows nothing of either."""

import re
from concurrent.futures import ThreadPoolExecutor

import noise_peer
from noise_peer import FRAME_BYTES
from programs import run
from xor_peer import ERROR

SESSIONS = 200
SPELLINGS = [(b"TIME", rb"\d\d:\d\d:\d\d\.\d{6}"),
             (b" date\n", rb"\d{4}-\d\d-\d\d"),
             (b"tEmP", rb"-?\d{1,3}"),
             (b"nonsense", re.escape(ERROR))]


def pipelined(number):
    """A session's requests, and the forms of their replies."""
    return [SPELLINGS[(number + i) % 4] for i in range(1 + number % 9)]


def converse(address, number, identity):
    """A whole session with its requests in one segment with flight 3."""
    asked = pipelined(number)
    with noise_peer.Client(address, identity) as client:
        client.send_flight()
        client.receive_flight()
        flight_3 = client.write_flight()
        client.sock.sendall(flight_3 + client.seal(
            *[request for request, _ in asked], b"END"))
        for request, form in asked:
            frame = client.receive_frame()
            assert len(frame) == FRAME_BYTES
            assert re.fullmatch(form, client.open(frame)), request
        assert client.receive_frame() == b""
        return client.peer_key


def test_two_hundred_sessions_of_dissononce_with_our_server(server):
    running = server("--threads", 2, "--quiet")
    identity = noise_peer.new_identity()
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(
            lambda number: converse(running.address, number, identity),
            range(SESSIONS)))
    key, = keys
    assert f"Public key: {key}" in running.output.text
    running.wait_for_counter("now", 0)
    counters = running.counters()
    asked = [request for number in range(SESSIONS)
             for request, _ in pipelined(number)]
    assert counters["END"] == SESSIONS
    assert counters["TIME"] == asked.count(b"TIME")
    assert counters["unknown"] == asked.count(b"nonsense")
    assert counters["protocol error"] == 0


def test_two_hundred_sessions_of_our_client_with_dissononce(peer, tmp_path):
    identity = noise_peer.new_identity()
    own = noise_peer.new_identity()
    running = peer(session_class=noise_peer.session_of(identity))
    file = noise_peer.save_identity(own, tmp_path / "client.key")
    commands = {"time": r"\d\d:\d\d:\d\d\.\d{6}", "date": r"\d{4}-\d\d-\d\d",
                "temp": r"-?\d{1,3}"}

    def ask(number):
        command = list(commands)[number % 3]
        finished = run("smx-client", "--secure", "--identity", file,
                       "--server-key", noise_peer.text_of(identity),
                       *running.address, command)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert re.fullmatch(commands[command] + r"\n", finished.stdout)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(SESSIONS)))
    sessions = running.wait()
    assert len(sessions) == SESSIONS
    assert {session.peer_key for session in sessions} == {
        noise_peer.text_of(own)}
    assert all(session.requests[1:] == [b"END"] for session in sessions)
    assert len({session.flights[0] for session in sessions}) == SESSIONS


def test_the_menu_of_our_client_over_dissononce(peer, tmp_path):
    running = peer(session_class=noise_peer.Session)
    finished = run("smx-client", "-s", "--trust-new", "--identity",
                   tmp_path / "key", *running.address,
                   feed="1\n2\n3\n" * 20 + "5\n",
                   XDG_CONFIG_HOME=str(tmp_path))
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.count("Response from server: ") == 60
    session, = running.wait()
    assert session.requests == [b"TIME", b"DATE", b"TEMP"] * 20 + [b"END"]


def test_our_client_takes_up_a_reply_however_it_is_cut(peer, tmp_path):
    def drip(session):
        session.handshake()
        for byte in session.seal(session.answer(session.receive_request())):
            session.sock.sendall(bytes([byte]))
        session.receive_until_end()

    running = peer(drip, session_class=noise_peer.Session)
    finished = run("smx-client", "-s", "--trust-new", "--identity",
                   tmp_path / "key", *running.address, "date",
                   XDG_CONFIG_HOME=str(tmp_path))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\n", finished.stdout)


def test_our_server_takes_up_a_session_byte_by_byte(server):
    running = server()
    with noise_peer.Client(running.address) as client:
        for byte in client.write_flight():
            client.sock.sendall(bytes([byte]))
        client.receive_flight()
        for byte in client.write_flight() + client.seal(b"DATE", b"temp"):
            client.sock.sendall(bytes([byte]))
        assert re.fullmatch(rb"\d{4}-\d\d-\d\d", client.receive_reply())
        assert re.fullmatch(rb"-?\d{1,3}", client.receive_reply())


def test_long_requests_are_answered_and_longer_ones_end_the_session(server):
    running = server()
    with noise_peer.Client(running.address) as client:
        client.handshake()
        for length in (31, 32, 33, 1000, 1023, 1024):
            assert client.ask(b"?" * length) == ERROR
        assert client.ask(b" " * 1020 + b"TIME")[2:3] == b":"
        client.send(b"?" * 1025)
        assert client.ends_with_reset()
