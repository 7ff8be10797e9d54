# SPDX-License-Identifier: MIT
"""That attackers do what their manner says, and honest clients what theirs
does: towards a listener that only looks, and towards the real server."""

import json
import os
import pathlib
import re
import select
import socket
import subprocess
import time

import pytest

PATIENCE = 20
ROOT = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ.get("SMX_BUILD") or ROOT / "build")
MAGIC = b"SMX1-XX\n"


class Tool:
    def __init__(self, name, *words):
        self.process = subprocess.Popen(
            [BUILD / "lab" / name, *map(str, words)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def order(self, line=""):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def wait(self, name, least):
        until = time.monotonic() + PATIENCE
        while (seen := self.order())[name] < least:
            assert time.monotonic() < until, seen
            time.sleep(0.01)
        return seen


class Listener:
    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[1]

    def accept(self):
        peer, (address, _) = self.socket.accept()
        peer.settimeout(PATIENCE)
        return peer, address

    def close(self):
        self.socket.close()


@pytest.fixture
def listener():
    one = Listener()
    yield one
    one.close()


def attack(listener, manner, *options):
    return Tool("attack", *options, manner, "127.0.0.1", listener.port)


def take(peer, n):
    got = b""
    while len(got) < n and (piece := peer.recv(n - len(got))):
        got += piece
    return got


def is_silent(peer, seconds=0.2):
    return not select.select([peer], [], [], seconds)[0]


def is_reset(peer):
    try:
        while peer.recv(4096):
            pass
    except ConnectionResetError:
        return True
    return False


def test_an_attacker_that_holds_so_many_replaces_those_that_end(listener):
    with attack(listener, "part", "--hold", 3) as tool:
        held = [listener.accept()[0] for _ in range(3)]
        assert tool.wait("connected", 3)["open"] == 3
        held[0].close()
        held.append(listener.accept()[0])
        seen = tool.wait("connected", 4)
        assert (seen["open"], seen["ended"], seen["most_open"]) == (3, 1, 3)
        for peer in held[1:]:
            peer.close()


def test_told_to_stop_it_opens_no_more(listener):
    with attack(listener, "part", "--hold", 1) as tool:
        peer, _ = listener.accept()
        tool.wait("connected", 1)
        tool.order("stop")
        peer.close()
        assert tool.wait("ended", 1)["begun"] == 1
        time.sleep(0.1)
        assert tool.order()["begun"] == 1


def test_told_to_close_it_leaves_at_once(listener):
    with attack(listener, "half", "--hold", 1) as tool:
        peer, _ = listener.accept()
        tool.wait("connected", 1)
        assert tool.order("close")["open"] == 0
        assert peer.recv(1) == b""
        peer.close()


def test_a_rate_is_kept_and_a_count_ends_it(listener):
    with attack(listener, "scan", "--rate", 200, "--count", 60) as tool:
        began = time.monotonic()
        for _ in range(60):
            listener.accept()[0].close()
        assert time.monotonic() - began > 0.15
        time.sleep(0.1)
        assert tool.order()["begun"] == 60


def test_sources_are_used_in_turn(listener):
    with attack(listener, "part", "--hold", 9,
                "--from", "127.7.0.254/32*2"):
        peers = [listener.accept() for _ in range(9)]
    addresses = [address for _, address in peers]
    assert set(addresses) == {"127.7.0.254", "127.7.0.255"}
    for peer, _ in peers:
        peer.close()


def test_prefixes_are_counted_where_they_end(listener):
    with attack(listener, "part", "--hold", 8, "--from", "127.5.0.9/16*2"):
        peers = [listener.accept() for _ in range(8)]
    assert {address for _, address in peers} == {"127.5.0.9", "127.6.0.9"}
    for peer, _ in peers:
        peer.close()


def test_half_open_ones_never_finish_a_third_flight(listener):
    """Whatever is sent back, they wait, in each of their scripts."""
    with attack(listener, "half", "--hold", 13) as tool:
        peers = [listener.accept()[0] for _ in range(13)]
        tool.wait("connected", 13)
        time.sleep(0.3)
        starts = []
        for peer in peers:
            peer.settimeout(0.05)
            try:
                start = peer.recv(4096)
            except TimeoutError:
                start = b""
            starts.append(start)
            peer.sendall(bytes(96 if start.startswith(MAGIC) else 128))
        time.sleep(0.3)
        thirds = []
        for peer in peers:
            try:
                thirds.append(peer.recv(4096))
            except TimeoutError:
                thirds.append(b"")
        assert tool.order()["open"] == 13
    lengths = sorted(map(len, starts))
    assert lengths[0] <= 1 and lengths.count(128) >= 3
    assert sum(start.startswith(MAGIC) for start in starts) >= 4
    assert sum(map(bool, thirds)) >= 4
    assert all(len(third) < 128 for third in thirds)
    for peer in peers:
        peer.close()


def test_first_flights_are_whole_and_closed_at_once_or_kept(listener):
    with attack(listener, "flights", "--rate", 100, "--count", 4):
        peers = [listener.accept()[0] for _ in range(4)]
        ends = []
        for peer in peers:
            flight = take(peer, 40) if not is_silent(peer) else b""
            assert flight.startswith(MAGIC) or flight == b""    # reset
            ends.append("kept" if flight and is_silent(peer) else "gone")
    assert sorted(ends) == ["gone", "gone", "kept", "kept"]
    for peer in peers:
        peer.close()


def test_rude_ones_reset(listener):
    with attack(listener, "rude", "--rate", 100, "--count", 1):
        peer, _ = listener.accept()
        assert is_reset(peer)
        peer.close()


def test_an_idle_session_is_a_real_one(listener):
    """It is of the xor exchange, with a key of zeros."""
    with attack(listener, "idle", "--hold", 1) as tool:
        peer, _ = listener.accept()
        assert take(peer, 128) == bytes(128)
        mask = bytes(range(128))
        peer.sendall(mask)
        assert take(peer, 128) == mask
        assert is_silent(peer) and tool.order()["open"] == 1
        peer.close()


def test_who_never_reads_asks_for_ever(listener):
    with attack(listener, "unread", "--hold", 1) as tool:
        peer, _ = listener.accept()
        assert take(peer, 128) == bytes(128)
        peer.sendall(bytes(128))
        take(peer, 128)
        assert take(peer, 4000) == b"TIME" * 1000
        sent = tool.order()["bytes_sent"]
        take(peer, 1 << 20)
        assert tool.wait("bytes_sent", sent + (1 << 19))["open"] == 1
        assert tool.order()["bytes_read"] == 128
        peer.close()


def test_who_reads_at_first_stops(listener):
    with attack(listener, "soaked", "--hold", 1) as tool:
        peer, _ = listener.accept()
        assert take(peer, 128) == bytes(128)
        peer.sendall(bytes(128))
        take(peer, 128)
        peer.sendall(bytes(1 << 20))
        tool.wait("bytes_read", 128 + (1 << 20))
        peer.sendall(bytes(4096))
        take(peer, 1 << 20)
        assert tool.order()["bytes_read"] <= 128 + (1 << 20)
        peer.close()


def test_scanners_send_what_would_spoil_a_log(listener):
    sent = b""
    with attack(listener, "scan", "--rate", 100, "--count", 8):
        for _ in range(8):
            peer, _ = listener.accept()
            sent += peer.recv(4096)
            peer.close()
    assert b"\x1b]0;" in sent and b"\x00" in sent and b"%n" in sent


def test_http_is_spoken(listener):
    with attack(listener, "http", "--rate", 100, "--count", 1):
        peer, _ = listener.accept()
        assert re.match(rb"GET \S+ HTTP/1\.1\r\n", peer.recv(4096))
        peer.close()


@pytest.mark.parametrize("words", [
    ["--hold", "1", "nonsense", "127.0.0.1", "1"],
    ["part", "127.0.0.1", "1"], ["--hold", "0", "part", "127.0.0.1", "1"],
    ["--hold", "1", "--from", "127.0.0.1/31*2", "part", "127.0.0.1", "1"]])
def test_wrong_words_are_wrong_usage(words):
    done = subprocess.run([BUILD / "lab/attack", *words], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == 2 and done.stderr


# --- the real server, and honest clients --------------------------------------


class Server:
    def __init__(self, folder, *words):
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [BUILD / "src/smx-server", "--host", "127.0.0.1", "-p", "0",
                 "-t", "1", "--key", folder / "key", *words], stdout=log)
        until = time.monotonic() + PATIENCE
        while not (found := re.search(r":(\d+)\.\.\.", self.log.read_text())):
            assert time.monotonic() < until
            time.sleep(0.01)
        self.port = int(found.group(1))

    def stop(self):
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*words):
        started.append(Server(tmp_path, *words))
        return started[-1]
    yield start
    for server in started:
        server.stop()


def visit(server, *words):
    done = subprocess.run(
        [BUILD / "lab/visit", *map(str, words), "127.0.0.1",
         str(server.port)], input="go\n", capture_output=True, text=True,
        timeout=PATIENCE + 20)
    assert (done.returncode, done.stderr) == (0, "")
    ready, line = done.stdout.splitlines()
    assert ready == "ready"
    return json.loads(line)


def test_nobody_fails_while_nobody_attacks(start):
    """The control: it shows none of the symptoms."""
    seen = visit(start(), "--guests", 4, "--rate", 20, "--seconds", 1)
    guests, newcomers = seen["guests"]["all"], seen["newcomers"]["all"]
    assert guests["failed"] == newcomers["failed"] == 0
    assert guests["served"] == guests["begun"] >= 300
    assert newcomers["served"] == newcomers["begun"] == 20
    assert seen["newcomers"]["xor"]["served"] == 10


def test_a_herd_is_counted_to_the_last(start):
    seen = visit(start(), "--herd", 50, "--exchange", "noise")
    assert seen["newcomers"]["noise"]["served"] == 50
    assert seen["newcomers"]["xor"]["begun"] == 0
    assert seen["seconds"] > 0


def test_visits_to_a_server_that_is_full_fail(start):
    server = start("--max-connections", "3")
    with Tool("attack", "--hold", 3, "idle", "127.0.0.1",
              server.port) as tool:
        tool.wait("bytes_read", 3 * 128)
        seen = visit(server, "--rate", 10, "--seconds", 1, "--patience", 1)
    newcomers = seen["newcomers"]["all"]
    assert (newcomers["begun"], newcomers["failed"]) == (10, 10)


def test_who_is_turned_away_comes_again(start):
    server = start("--max-connections", "1", "--idle-timeout", "1")
    with Tool("attack", "--hold", 1, "idle", "127.0.0.1",
              server.port) as tool:
        tool.wait("bytes_read", 128)
        tool.order("stop")
        seen = visit(server, "--herd", 1, "--exchange", "xor", "--retry", 5,
                     "--retry-most", 50)
    assert seen["newcomers"]["xor"]["served"] == 1
    assert seen["newcomers"]["xor"]["failed"] == 0
    assert seen["turned_away"] >= 5


def test_a_session_that_the_server_ends_is_an_error(start):
    server = start("--idle-timeout", "0.3")
    seen = visit(server, "--guests", 2, "--every", 1000, "--seconds", 2)
    assert seen["guests"]["all"]["failed"] == 2


def test_a_half_open_connection_lives_as_long_as_its_deadline(start):
    server = start("--handshake-timeout", "0.5")
    with Tool("attack", "--hold", 13, "half", "127.0.0.1",
              server.port) as tool:
        seen = tool.wait("ended", 13)
    assert 400 <= seen["life_p50_ms"] <= 1000 * PATIENCE
