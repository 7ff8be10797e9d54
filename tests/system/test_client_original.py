# SPDX-License-Identifier: MIT
"""Either side with the original on the other, and replies cut in pieces."""

import re
import time

import pytest

from programs import may_be_hindered, run
from xor_peer import ERROR, Session

LONGER_THAN_SILENCE = 0.03
TIME = b"14:08:38.630789"
DATE = b"2024-02-29"


@may_be_hindered
def test_the_original_server_is_understood_at_full_speed(peer):
    running = peer(original=True)
    finished = run("smx-client", "--timeout", 2, *running.address,
                   feed="1\n2\n3\n" * 30 + "5\n")
    assert finished.stderr == ""
    assert finished.returncode == 0
    assert finished.stdout.count("[-] Response from server: ") == 90
    session, = running.wait()
    assert session.requests == [b"TIME", b"DATE", b"TEMP"] * 30 + [b"END"]


@may_be_hindered
def test_the_original_server_is_understood_after_resets(peer):
    running = peer(original=True)
    finished = run("smx-client", "--timeout", 2, *running.address,
                   feed="1\n4\n3\n4\n" * 10)
    assert finished.stderr == ""
    assert finished.returncode == 0
    assert finished.stdout.count("[-] Response from server: ") == 20
    assert [session.requests for session in running.wait()] == (
        [[b"TIME", b"END"], [b"TEMP", b"END"]] * 10 + [[b"END"]])


@pytest.mark.parametrize("command", ["time", "date", "temp"])
@may_be_hindered
def test_the_original_server_answers_a_single_command(peer, command):
    finished = run("smx-client", *peer(original=True).address, command)
    assert finished.returncode == 0
    assert finished.stdout


def test_the_original_client_is_served(server, connect):
    client = connect(server(), original=True)
    for _ in range(20):
        assert re.fullmatch(rb"\d\d:\d\d:\d\d\.\d{6}", client.ask(b"TIME"))
        assert re.fullmatch(rb"\d{4}-\d\d-\d\d", client.ask(b"DATE"))
        assert re.fullmatch(rb"-?\d{1,3}", client.ask(b"TEMP"))
        assert client.ask(b"HELLO") == ERROR
    client.send(b"END")
    assert client.receive_until_end() == b""


@may_be_hindered
def test_the_original_time_at_microsecond_0_has_8_bytes(peer):
    class WholeSecond(Session):
        def answer(self, request):
            return TIME[:8] if request == b"TIME" else super().answer(request)

    running = peer(original=True, session_class=WholeSecond)
    finished = run("smx-client", *running.address, "time")
    assert (finished.returncode, finished.stdout) == (0, "14:08:38\n")
    finished = run("smx-client", *running.address, feed="1\n2\n5\n")
    assert finished.returncode == 0
    assert "[-] Response from server: 14:08:38\n" in finished.stdout


def reply_in_pieces(session, reply, cuts):
    """Pauses where the reply may be taken to be over would change it."""
    message = session.seal(reply)
    for begin, end in zip([0, *cuts], [*cuts, len(message)]):
        session.sock.sendall(message[begin:end])
        may_end_here = reply[:end].lstrip(b"-").isdigit() or \
            (reply == TIME and end == 8)
        if not may_end_here or end == len(message) > 4:
            time.sleep(LONGER_THAN_SILENCE)


@pytest.mark.parametrize("choice, reply", [
    ("1", TIME), ("2", DATE), ("3", b"-99"), ("3", b"9999"), ("3", b"7")])
def test_a_reply_may_be_cut_at_every_byte(peer, choice, reply):
    def script(session):
        session.handshake()
        cuts = [[place] for place in range(1, len(reply))]
        for cut in [*cuts, range(1, len(reply))]:
            session.receive_request()
            reply_in_pieces(session, reply, cut)
        session.receive_request()

    running = peer(script)
    finished = run("smx-client", *running.address,
                   feed=f"{choice}\n" * len(reply) + "5\n")
    assert finished.stderr == ""
    assert finished.returncode == 0
    assert re.findall(r"Response from server: (.*)", finished.stdout) == (
        [reply.decode()] * len(reply))


def test_an_error_may_be_cut_at_every_byte(peer):
    def script(session):
        session.handshake()
        for cut in [1], [2], [3], [1, 2, 3]:
            session.receive_request()
            reply_in_pieces(session, ERROR, cut)
        session.receive_request()

    running = peer(script)
    finished = run("smx-client", *running.address, feed="1\n" * 4 + "5\n")
    assert finished.returncode == 1
    assert finished.stderr.count("[X] ") == 4
    assert "Exiting" in finished.stdout


def test_the_second_flight_may_be_cut_at_every_byte(peer):
    places = iter(range(1, 128))

    class CutFlight(Session):
        def send_flight(self, flight_2):
            place = next(places)
            self.sock.sendall(flight_2[:place])
            time.sleep(0.002)
            self.sock.sendall(flight_2[place:])

    running = peer(session_class=CutFlight)
    finished = run("smx-client", *running.address, feed="2\n4\n" * 126 + "2\n")
    assert finished.stderr == ""
    assert finished.returncode == 0
    assert finished.stdout.count("[-] Response from server: ") == 127
    assert len(running.wait()) == 127


def test_the_second_flight_may_come_byte_by_byte(peer):
    class Dripping(Session):
        def send_flight(self, flight_2):
            for byte in flight_2:
                self.sock.sendall(bytes([byte]))
                time.sleep(0.002)

    running = peer(session_class=Dripping)
    finished = run("smx-client", *running.address, "date")
    assert finished.returncode == 0
