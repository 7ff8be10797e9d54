# SPDX-License-Identifier: MIT
"""Several keys of one server, the exchange of a key, and its forgetting."""

import contextlib
import itertools
import os
import re
import shlex
import socket
import subprocess
import threading

import pytest

import noise_peer
from programs import check_failure, environment, program, run
from xor_peer import PATIENCE


@pytest.fixture
def keys(tmp_path):
    """Two key files, and the public keys in them."""
    files = [tmp_path / "new", tmp_path / "old"]
    return [(file, run("smx-keygen", file).stdout.strip()) for file in files]


@pytest.fixture
def known(tmp_path):
    return tmp_path / "x y" / "known servers"


def ask(address, home, *options, name="smx-client", secure=True, **more):
    return run(name, *(["--secure"] if secure else []), *options, *address,
               *(["date"] if name == "smx-client" else []), HOME=str(home),
               **more)


def remember(known, address, *public):
    known.parent.mkdir(exist_ok=True)
    known.write_text("".join(
        "[%s]:%u %s\n" % (*address, key) for key in public))


def check_success(finished, errors=""):
    assert (finished.returncode, finished.stderr) == (0, errors), finished
    assert finished.stdout


def other_key():
    return noise_peer.text_of(noise_peer.new_identity())


def test_any_line_about_a_server_will_do(server, keys, known, tmp_path):
    (file, public), _ = keys
    running = server("--key", file)
    for lines in ([public, other_key()], [other_key(), public],
                  [other_key() for _ in range(15)] + [public]):
        remember(known, running.address, *lines)
        check_success(ask(running.address, tmp_path,
                          "--known-servers", known))
    remember(known, running.address, *[other_key() for _ in range(17)])
    check_failure(ask(running.address, tmp_path, "--known-servers", known),
                  6, known, "line 17")


def test_any_key_that_is_given_will_do(server, keys, tmp_path):
    (file, public), _ = keys
    running = server("--key", file)
    for given in ([public, other_key()], [other_key(), public]):
        options = [f"--server-key={key}" for key in given]
        check_success(ask(running.address, tmp_path, *options))
    finished = ask(running.address, tmp_path,
                   *[f"--server-key={other_key()}" for _ in range(2)])
    assert finished.returncode == 6
    assert finished.stderr.count("Expected: ") == 2
    check_failure(ask(running.address, tmp_path,
                      *[f"--server-key={other_key()}" for _ in range(17)]), 2)


@pytest.mark.parametrize("expected", [[0], [1], [0, 1], [1, 0]])
def test_a_server_with_two_keys_serves_who_knows_either(
        server, keys, known, tmp_path, expected):
    (new, new_key), (old, old_key) = keys
    running = server("--key", new, "--old-key", old)
    running.output.expect(re.escape(f"Public key: {new_key}"))
    running.output.expect(re.escape(f"Old public key: {old_key}"))
    remember(known, running.address, *[keys[i][1] for i in expected])
    text = known.read_text()
    finished = ask(running.address, tmp_path, "--known-servers", known)
    assert finished.returncode == 0, finished
    if 0 in expected:
        assert finished.stderr == ""
    else:
        line, = finished.stderr.splitlines()
        assert line.startswith("[!] The server has a new key")
        host, port = running.address
        assert line.endswith(f"[{host}]:{port} {new_key}")
    assert known.read_text() == text
    measured = ask(running.address, tmp_path, "--known-servers", known,
                   "-n", 100, name="smx-bench")
    assert measured.returncode == 0, measured


class InTurn:
    """Takes connections to several servers in turn, like a balancer."""

    def __init__(self, addresses):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.turns = itertools.cycle(addresses)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        for to in self.turns:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(to)
            for pair in (near, far), (far, near):
                threading.Thread(target=self.copy, args=pair,
                                 daemon=True).start()

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def test_every_connection_of_a_load_may_be_shown_another_key(
        server, keys, known, tmp_path):
    running = [server("--key", file) for file, _ in keys]
    turns = InTurn([one.address for one in running])
    remember(known, turns.address, *[public for _, public in keys])
    finished = ask(turns.address, tmp_path, "--known-servers", known,
                   "-c", 6, "-n", 600, name="smx-bench")
    assert finished.returncode == 0, finished
    assert all(one.counters()["TIME"] > 0 for one in running)
    turns.listener.close()


def test_a_load_is_told_of_a_changed_key_as_a_client_is(
        server, keys, known, tmp_path):
    running = server("--key", keys[0][0])
    remember(known, running.address, keys[1][1])
    told = [ask(running.address, tmp_path, "--known-servers", known, name=name)
            for name in ("smx-client", "smx-bench")]
    assert [one.returncode for one in told] == [6, 6]
    assert told[0].stderr == told[1].stderr
    assert f"Presented: {keys[0][1]}" in told[1].stderr


def test_a_client_that_expects_neither_is_refused(
        server, keys, known, tmp_path):
    (new, new_key), (old, _) = keys
    running = server("--key", new, "--old-key", old)
    remember(known, running.address, other_key())
    finished = ask(running.address, tmp_path, "--known-servers", known,
                   "--trust-new")
    assert finished.returncode == 6
    assert f"Presented: {new_key}" in finished.stderr
    assert running.counters()["DATE"] == 0


def test_a_new_client_is_shown_the_new_key(server, keys, known, tmp_path):
    (new, new_key), (old, _) = keys
    running = server("--key", new, "--old-key", old)
    check_success(ask(running.address, tmp_path, "--trust-new",
                      "--known-servers", known))
    assert new_key in known.read_text()


def test_authorized_clients_are_known_to_both_keys(server, keys, tmp_path):
    (new, new_key), (old, old_key) = keys
    own = run("smx-keygen", tmp_path / "own").stdout.strip()
    for listed in (True, False):
        file = tmp_path / "list"
        file.write_text(f"{own if listed else other_key()} me\n")
        running = server("--key", new, "--old-key", old,
                         "--authorized-keys", file)
        for key in (new_key, old_key):
            finished = ask(running.address, tmp_path, "--server-key", key,
                           "--identity", tmp_path / "own")
            assert finished.returncode == (0 if listed else 6), finished


def test_an_old_key_that_is_not_there_is_an_error(keys, tmp_path):
    (new, _), _ = keys
    finished = run("smx-server", "--host", "127.0.0.1", "--port", 0, "--key",
                   new, "--old-key", tmp_path / "none")
    check_failure(finished, 1, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("has_older", [False, True])
def test_a_peer_of_another_make_masks_the_question_and_hashes_it(
        peer, tmp_path, has_older):
    """Else the tags would fail, whether it heeds the question or not."""
    new, old = noise_peer.new_identity(), noise_peer.new_identity()
    asked, shown = [], []

    def script(session):
        session.receive_flight()
        asked.append(session.flights[0][-1] >> 7)
        if asked[-1] and has_older:
            session.noise._s = old
        session.send_flight()
        try:
            session.receive_flight()
        except (EOFError, OSError, AssertionError):
            return
        shown.append(session.peer_key)
        session.send(session.answer(session.receive_request()))
        session.receive_until_end()

    running = peer(script, session_class=noise_peer.session_of(new))
    finished = ask(running.address, tmp_path, "--server-key",
                   noise_peer.text_of(old))
    running.wait()
    assert asked == [0, 1]
    assert finished.returncode == (0 if has_older else 6), finished
    assert len(shown) == has_older
    assert noise_peer.text_of(new) in finished.stderr


def test_the_alarm_ends_in_a_command_that_can_be_pasted(
        server, keys, known, tmp_path):
    (file, public), _ = keys
    running = server("--key", file)
    wrong = other_key()
    remember(known, running.address, wrong, other_key())
    with known.open("a") as lines:
        lines.write("# mine\n")
    known.chmod(0o640)
    finished = ask(running.address, tmp_path, "--known-servers", known)
    assert finished.returncode == 6
    assert f"Expected:  {wrong} ({known}, line 1)" in finished.stderr
    assert f"Presented: {public}" in finished.stderr
    command, = [line.removeprefix("[!]     ")
                for line in finished.stderr.splitlines()
                if line.startswith("[!]     ")]
    words = shlex.split(command)
    assert words[0] == "smx-keygen"
    done = run(*words)
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 keys" in done.stderr
    assert known.read_text() == "# mine\n"
    assert known.stat().st_mode & 0o777 == 0o640
    check_failure(run(*words), 1, known)


def test_by_default_the_users_own_file_is_forgotten_from(
        server, keys, tmp_path):
    (file, _), (other, _) = keys
    first = server("--key", file)
    check_success(ask(first.address, tmp_path, "--trust-new"))
    known = tmp_path / ".config" / "smx" / "known_servers"
    for words in (first.address, ["%s:%u" % first.address]):
        remember(known, first.address, other_key())
        finished = run("smx-keygen", "--forget", *words, HOME=str(tmp_path))
        assert finished.returncode == 0, finished
        assert known.read_text() == ""


@pytest.mark.parametrize("words", [
    ["--forget"], ["--forget", "host"], ["--forget", "host", "1", "2"],
    ["--forget", "host", "0"], ["--forget", "--public", "host", "1"],
    ["one", "two"], ["--known-servers", "x", "one"]])
def test_wrong_usage_of_keygen(words, tmp_path):
    check_failure(run("smx-keygen", *words, HOME=str(tmp_path)), 2)
    assert not list(tmp_path.iterdir())


def own_address():
    """An address of this machine that is none of its loopback's, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))     # sends nothing
        except OSError:
            return None
        return probe.getsockname()[0]


@pytest.mark.parametrize("name", ["smx-client", "smx-bench"])
def test_a_known_server_is_not_talked_to_in_plain(server, known, tmp_path,
                                                  name):
    host = own_address()
    if not host or host.startswith("127."):
        pytest.skip("this machine has no address but loopback's")
    running = server(host="0.0.0.0")
    address = (host, running.port)
    few = ["-n", 10] if name == "smx-bench" else []
    options = ["--known-servers", known, *few]
    remember(known, address, other_key())
    check_failure(ask(address, tmp_path, *options, name=name, secure=False),
                  6, "--plain", known)
    running.wait_for_counter("hung up during the key exchange", 1)
    finished = ask(address, tmp_path, *options, "--plain", name=name,
                   secure=False)
    assert finished.returncode == 0, finished
    # It takes a name that is known, and a file that can be read.
    remember(known, (host, running.port + 1), other_key())
    assert ask(address, tmp_path, *options, name=name,
               secure=False).returncode == 0
    known.write_text("nonsense\n")
    assert ask(address, tmp_path, *options, name=name,
               secure=False).returncode == 0
    known.unlink()
    known.mkdir()
    assert ask(address, tmp_path, *options, name=name,
               secure=False).returncode == 0


def test_on_loopback_a_known_server_is_a_warning(server, known, tmp_path):
    running = server()
    remember(known, running.address, other_key())
    options = ["--known-servers", known]
    finished = ask(running.address, tmp_path, *options, secure=False)
    assert finished.returncode == 0
    line, = finished.stderr.splitlines()
    assert line.startswith("[!] ") and "--plain" in line
    check_success(ask(running.address, tmp_path, *options, "--plain",
                      secure=False))
    check_failure(ask(running.address, tmp_path, "--plain"), 2)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_the_machines_file_is_read_besides(server, keys, tmp_path):
    """In a private namespace whose /etc/smx is a folder of the test's."""
    (file, public), _ = keys
    running = server("--key", file)
    etc = tmp_path / "etc"
    subprocess.run(["cp", "-a", "/etc", etc], check=True, timeout=PATIENCE)
    system = etc / "smx" / "known_servers"
    remember(system, running.address, public)
    own = tmp_path / "own"
    run("smx-keygen", own)

    def ask_within(*options, home=tmp_path):
        return subprocess.run(
            ["unshare", "-m", "--", "sh", "-c",
             'mount --bind "$0" /etc && exec "$@"', etc,
             program("smx-client"), "--secure", "--identity", own, *options,
             *map(str, running.address), "date"],
            capture_output=True, text=True, timeout=30,
            env=environment(HOME=str(home)))

    finished = ask_within()
    if "unshare" in finished.stderr or "mount" in finished.stderr:
        pytest.skip("no mount namespaces here")
    check_success(finished)
    check_success(ask_within("--known-servers", tmp_path / "none"))
    # A user without a home has this file alone.
    check_success(ask_within(home=tmp_path / "nowhere"))
    # The user's own lines count as well.
    own_file = tmp_path / ".config" / "smx" / "known_servers"
    own_file.parent.mkdir(parents=True)
    remember(own_file, running.address, other_key())
    check_success(ask_within())
    # What cannot be read there matters only where no key was found.
    system.write_text("nonsense\n")
    finished = ask_within("--known-servers", tmp_path / "none", "--trust-new")
    assert finished.returncode == 6
    assert "/etc/smx/known_servers" in finished.stderr
    remember(own_file, running.address, public)
    check_success(ask_within())
    remember(own_file, running.address, other_key())
    remember(system, running.address, other_key())
    finished = ask_within()
    assert finished.returncode == 6
    assert "(/etc/smx/known_servers, line 1)" in finished.stderr
    assert f"({own_file}, line 1)" in finished.stderr
    assert "--known-servers /etc/smx/known_servers" in finished.stderr
