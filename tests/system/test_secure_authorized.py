# SPDX-License-Identifier: MIT
"""Whom a server serves: --authorized-keys, and reading it again."""

import base64
import os
import re
import signal
import threading
import time

import pytest

import noise_peer
from noise_peer import text_of
from programs import PATIENCE, SLACK, run


class Known:
    """Three clients with keys, and the file that lists some of them."""

    def __init__(self, folder):
        self.file = folder / "authorized_keys"
        self.ada, self.bob, self.eve = (
            noise_peer.new_identity() for _ in range(3))

    def list(self, *lines):
        self.file.write_text("".join(f"{line}\n" for line in lines))
        return self


@pytest.fixture
def known(tmp_path):
    known = Known(tmp_path)
    return known.list("# who may come", f"{text_of(known.ada)} Ada of Byron",
                      "", f"  {text_of(known.bob)}\tbob", "   # that is all")


@pytest.fixture
def enter():
    """Connects Python clients up to a session."""
    clients = []

    def start(running, identity):
        clients.append(noise_peer.Client(running.address, identity))
        return clients[-1].handshake()

    yield start
    for client in clients:
        client.close()


def is_served(client):
    try:
        return bool(client.ask(b"DATE"))
    except OSError:
        return False


def refuse_to_start(file):
    finished = run("smx-server", "--host", "127.0.0.1", "--port", 0,
                   "--authorized-keys", file)
    assert finished.returncode == 1, finished
    assert finished.stdout == ""
    line, = finished.stderr.splitlines()
    assert line.startswith("[X] ")
    assert str(file) in line
    return line


def reload(running):
    seen = len(running.output.text)
    running.signal(signal.SIGHUP)
    return running.output.expect(r"^\[.\] (\d+ authorized|Keeping the old).*$",
                                 seen).group()


def test_those_who_are_listed_are_served_and_named(server, known, enter):
    running = server("--authorized-keys", known.file)
    ada, bob = enter(running, known.ada), enter(running, known.bob)
    assert is_served(ada) and is_served(bob)
    address = "%s:%u" % ada.address
    running.output.expect(
        rf"^\[#\] Secure session with {re.escape(address)}: Ada of Byron$")
    running.output.expect(r"^\[#\] Secure session with \S+: bob$")
    assert text_of(known.ada) not in running.output.text


def test_those_who_are_not_listed_are_refused_and_logged(
        server, known, enter):
    running = server("--authorized-keys", known.file)
    eve = enter(running, known.eve)
    assert eve.ends_with_reset()
    address = "%s:%u" % eve.address
    line = running.output.expect(r"^\[!\] Refused .*$").group()
    assert address in line
    assert "not authorized" in line
    assert text_of(known.eve) in line
    assert "Secure session" not in running.output.text


def test_a_client_that_is_not_listed_learns_so_with_its_own_key(
        server, known, tmp_path):
    running = server("--authorized-keys", known.file)
    file = noise_peer.save_identity(known.eve, tmp_path / "eve.key")
    for command in ("time", None):
        finished = run("smx-client", "-s", "--trust-new", "--identity", file,
                       *running.address, *[command][:command is not None],
                       feed="1\n5\n", XDG_CONFIG_HOME=str(tmp_path))
        assert finished.returncode == 6
        assert text_of(known.eve) in finished.stderr
        assert "authorized" in finished.stderr
    known.list(text_of(known.eve) + " eve")
    reload(running)
    finished = run("smx-client", "-s", "--identity", file, *running.address,
                   "date", XDG_CONFIG_HOME=str(tmp_path))
    assert (finished.returncode, finished.stderr) == (0, "")


def test_a_list_implies_secure_sessions_only(server, known, connect):
    running = server("--authorized-keys", known.file)
    client = connect(running, handshake=False)
    client.sock.sendall(b"x")
    assert client.ended_within(5)


@pytest.mark.parametrize("lines", [["# nobody"], ["# nobody", "  "]])
def test_a_comment_alone_means_nobody(server, known, enter, lines):
    running = server("--authorized-keys", known.list(*lines).file)
    assert enter(running, known.ada).ends_with_reset()


@pytest.mark.parametrize("lines", [[], [""]])
def test_an_empty_list_is_an_error(known, lines):
    assert "# nobody" in refuse_to_start(known.list(*lines).file)


def test_a_key_without_a_name_a_last_line_without_an_end_and_dos_lines(
        server, known, enter):
    known.file.write_text(
        f"{text_of(known.ada)} \r\n\r\n{text_of(known.bob)}")
    running = server("--authorized-keys", known.file)
    assert is_served(enter(running, known.ada))
    assert is_served(enter(running, known.bob))


@pytest.mark.parametrize("bad", ["Ada", "A" * 43, "A" * 44, "A" * 44 + "=",
                                 "-" * 43 + "= dash", "\x01", "A" * 5000])
def test_a_line_that_is_no_key_is_an_error_with_its_number(known, bad):
    known.list("# one", "", text_of(known.ada) + " three", bad)
    assert "line 4" in refuse_to_start(known.file)


def test_a_list_that_others_can_write_is_refused(known):
    known.file.chmod(0o664)
    assert f"chmod go-w {known.file}" in refuse_to_start(known.file)


def test_a_list_that_is_missing_or_no_file_is_refused(tmp_path):
    refuse_to_start(tmp_path / "missing")
    refuse_to_start(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    refuse_to_start(tmp_path / "pipe")


def test_sighup_ends_the_sessions_whose_key_is_gone_and_no_others(
        server, known, enter):
    running = server("--authorized-keys", known.file)
    ada, bob = enter(running, known.ada), enter(running, known.bob)
    assert is_served(ada) and is_served(bob)
    known.list(f"{text_of(known.eve)} eve", f"{text_of(known.bob)} robert")
    assert "2 authorized keys" in reload(running)
    assert ada.ends_with_reset()
    assert is_served(bob)
    assert is_served(enter(running, known.eve))
    assert not is_served(enter(running, known.ada))
    assert is_served(enter(running, known.bob))
    running.output.expect(r"^\[#\] Secure session with \S+: robert$")
    running.output.expect(r"^\[!\] Refused .*not authorized.*$")
    assert running.counters()["key not authorized"] == 2


def test_sighup_reaches_a_session_that_is_in_its_flights(
        server, known, enter):
    running = server("--authorized-keys", known.file, "--threads", 1)
    with noise_peer.Client(running.address, known.ada) as client:
        client.send_flight()
        client.receive_flight()
        known.list(text_of(known.bob))
        reload(running)
        assert is_served(enter(running, known.bob))
        client.send_flight()
        assert client.ends_with_reset()


DAMAGES = {
    "missing": lambda file: None,
    "leads nowhere": lambda file: file.symlink_to("none"),
    "folder": os.mkdir,
    "pipe": os.mkfifo,
    "device": lambda file: file.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("damage", [
    "bad line", "others write", "missing", "leads nowhere", "folder", "pipe",
    "device", "one key twice"])
def test_a_list_that_cannot_be_read_again_changes_nothing(
        server, known, enter, damage):
    running = server("--authorized-keys", known.file)
    ada = enter(running, known.ada)
    if damage in DAMAGES:
        known.file.unlink()
        DAMAGES[damage](known.file)
    else:
        known.list(text_of(known.eve), {
            "bad line": "nonsense",
            "one key twice": text_of(known.eve)}.get(damage, ""))
        known.file.chmod(0o666 if damage == "others write" else 0o600)
    line = reload(running)
    assert line.startswith("[X] ")
    assert str(known.file) in line
    assert ("line 2" in line) == (damage == "bad line")
    assert ("lines 1 and 2" in line) == (damage == "one key twice")
    assert ("regular" in line) == (damage in ("folder", "pipe", "device"))
    assert is_served(ada)
    assert is_served(enter(running, known.bob))
    assert not is_served(enter(running, known.eve))


def test_sighup_without_a_list_is_survived(server, connect):
    running = server()
    client = connect(running)
    running.signal(signal.SIGHUP)
    assert client.ask(b"DATE")
    running.output.expect(r"authorized-keys")


def test_many_reloads_among_many_sessions(server, known, enter):
    running = server("--authorized-keys", known.file, "--threads", 4, "-q")
    sessions = [enter(running, known.ada) for _ in range(20)]
    descriptors = running.descriptors()
    for _ in range(30):
        running.signal(signal.SIGHUP)
        assert is_served(sessions[0])
    assert all(map(is_served, sessions))
    running.wait_for_descriptors(descriptors)
    known.list("# nobody")
    running.signal(signal.SIGHUP)
    for session in sessions:
        assert session.ends_with_reset()
    running.wait_for_counter("now", 0)


class Writer:
    """Writes a list anew: a line every few ms, so many or until it is left."""

    def __init__(self, file, lines):
        self.file, self.lines = file, lines
        self.longest = 0
        self.has_begun, self.is_to_end = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.write)

    def __enter__(self):
        self.thread.start()
        assert self.has_begun.wait(PATIENCE)
        return self

    def __exit__(self, *_):
        self.is_to_end.set()
        self.thread.join()

    def write(self):
        with open(self.file, "w", encoding="ascii", buffering=1) as file:
            before = time.monotonic()
            for line in self.lines:
                file.write(line)
                now = time.monotonic()
                self.longest = max(self.longest, now - before)
                before = now
                self.has_begun.set()
                if self.is_to_end.wait(0.005):
                    return

    def was_steady(self):
        """It never paused for so long that the list may look complete."""
        return self.longest < 0.08


def until_steady(attempt):
    """Try again if this machine was too busy for the writer."""
    for _ in range(10):
        is_right, writer = attempt()
        if is_right:
            return
        assert not writer.was_steady()
    pytest.skip("this machine is too busy")


def new_key():
    return text_of(noise_peer.new_identity())


def comments():
    while True:
        yield "# no end\n"


def test_a_list_that_is_being_written_is_read_when_it_is_whole(server, known):
    running = server("--authorized-keys", known.file)
    lines = [f"{new_key()} {n}\n" for n in range(60)]

    def attempt():
        with Writer(known.file, lines) as writer:
            line = reload(running)
            writer.thread.join()
        return line == "[*] 60 authorized keys", writer

    until_steady(attempt)


def test_a_list_without_end_leaves_the_old_one(server, known, enter):
    running = server("--authorized-keys", known.file)

    def attempt():
        known.list(text_of(known.ada))
        reload(running)
        with Writer(known.file, comments()) as writer:
            line = reload(running)
        return line.startswith("[X] Keeping the old key list: "), writer

    until_steady(attempt)
    assert is_served(enter(running, known.ada))


def test_the_end_does_not_wait_for_a_list_that_is_being_written(
        server, known):
    def attempt():
        running = server("--authorized-keys",
                         known.list(text_of(known.ada)).file)
        seen = len(running.output.text)
        with Writer(known.file, comments()) as writer:
            running.signal(signal.SIGHUP)
            time.sleep(0.05)
            running.signal(signal.SIGTERM)
            assert running.process.wait(2 + SLACK) == 0
        running.output.thread.join(PATIENCE)
        said = running.output.text[seen:]
        return "authorized" not in said and "old key list" not in said, writer

    until_steady(attempt)


def test_sighups_without_end_do_not_delay_the_end(server, known):
    """Reading this list takes longer than sending the next signal."""
    keys = {base64.b64encode(os.urandom(32)).decode() for _ in range(4000)}
    running = server("--authorized-keys", known.list(*keys).file)
    for _ in range(1000):
        running.signal(signal.SIGHUP)
        time.sleep(0.0005)
    running.signal(signal.SIGTERM)
    assert running.process.wait(2 + SLACK) == 0
