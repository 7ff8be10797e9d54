# SPDX-License-Identifier: MIT
"""The server's own key: where it is, how it is made, when it is refused."""

import base64
import os
import pathlib
import stat

import pytest

import noise_peer
from programs import run

NOBODY = 65534
BAD_KEYS = {"is empty": "", "is too short": "QUJD\n", "is no base64": "*" * 44,
            "has two lines": "A" * 43 + "=\n" + "A" * 43 + "=\n",
            "is a word too long": "A" * 43 + "= me\n",
            "has spare bits": "A" * 42 + "B=\n",
            "is for a url": "_" * 43 + "=\n"}


def public_key(running):
    """The second line, once it is there."""
    running.output.expect(r"Public key: \S+$")
    line = running.output.lines[1]
    assert line.startswith("[*] Public key: ")
    key = line.rpartition(" ")[2]
    assert len(base64.b64decode(key, validate=True)) == 32
    return key


def permissions(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def refuse(*arguments, **changes):
    """Start a server that does not start; what it says."""
    finished = run("smx-server", "--host", "127.0.0.1", "--port", 0,
                   *arguments, **changes)
    assert finished.returncode == 1, finished
    assert finished.stdout == ""
    line, = finished.stderr.splitlines()
    assert line.startswith("[X] ")
    return line


@pytest.fixture
def key_file(tmp_path):
    return noise_peer.save_identity(noise_peer.new_identity(),
                                    tmp_path / "server.key")


def test_the_key_is_made_at_the_first_start_and_found_at_the_second(
        server, tmp_path):
    file = tmp_path / "new" / "folder" / "server.key"
    first = public_key(server("--key", file))
    assert permissions(file) == 0o600
    assert permissions(file.parent) == permissions(file.parent.parent) == 0o700
    assert os.listdir(file.parent) == [file.name]
    assert public_key(server("--key", file)) == first
    assert noise_peer.text_of(noise_peer.load_identity(file)) == first


def test_the_key_is_the_one_that_a_client_is_shown(server, key_file):
    running = server("--key", key_file)
    with noise_peer.Client(running.address) as client:
        client.handshake()
        assert client.peer_key == public_key(running)
        assert client.ask(b"DATE")


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
def test_the_mode_of_a_new_key_is_0600_whatever_the_umask(
        server, tmp_path, umask):
    file = tmp_path / "server.key"
    public_key(server("--key", file, preexec=lambda: os.umask(umask)))
    assert permissions(file) == 0o600 & ~umask


@pytest.mark.parametrize("variables, place", [
    ({"HOME": ""}, ".local/state/smx"),
    ({"XDG_STATE_HOME": "state"}, "state/smx"),
    ({"STATE_DIRECTORY": "service"}, "service"),
    ({"STATE_DIRECTORY": "service", "XDG_STATE_HOME": "state"}, "service")],
    ids=["home", "XDG_STATE_HOME", "STATE_DIRECTORY", "both"])
def test_the_default_place_of_the_key(server, tmp_path, variables, place):
    changes = {"HOME": str(tmp_path), **{
        name: str(tmp_path / value) for name, value in variables.items()}}
    running = server(**changes)
    key = public_key(running)
    file, = pathlib.Path(tmp_path).rglob("*.key")
    assert file == tmp_path / place / "server.key"
    assert noise_peer.text_of(noise_peer.load_identity(file)) == key


def test_the_first_of_several_state_directories_is_taken(server, tmp_path):
    folders = f"{tmp_path}/one:{tmp_path}/two"
    public_key(server(STATE_DIRECTORY=folders))
    assert os.listdir(tmp_path) == ["one"]


def test_two_servers_that_start_at_once_agree_on_one_new_key(
        server, tmp_path):
    for number in range(5):
        file = tmp_path / f"{number}.key"
        pair = [server("--key", file) for _ in range(2)]
        assert public_key(pair[0]) == public_key(pair[1])


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604, 0o602, 0o666, 0o660])
def test_a_key_that_others_can_read_or_write_is_refused(key_file, mode):
    key_file.chmod(mode)
    line = refuse("--key", key_file)
    assert str(key_file) in line
    assert f"chmod 600 {key_file}" in line
    assert permissions(key_file) == mode


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_key_that_only_we_can_read_is_taken(server, key_file, mode):
    key_file.chmod(mode)
    public_key(server("--key", key_file))


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_regular_file_is_refused(tmp_path, kind):
    file = tmp_path / "server.key"
    if kind == "folder":
        file.mkdir(0o700)
    elif kind == "pipe":
        os.mkfifo(file, 0o600)
    else:
        file = pathlib.Path("/dev/null")
    line = refuse("--key", file)
    assert str(file) in line
    assert "regular file" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_key_that_belongs_to_somebody_else_is_refused(key_file):
    os.chown(key_file, NOBODY, NOBODY)
    line = refuse("--key", key_file)
    assert str(key_file) in line
    assert f"chown 0 {key_file}" in line


@pytest.mark.parametrize("what", BAD_KEYS)
def test_a_file_that_holds_no_key_is_refused(tmp_path, what):
    file = tmp_path / "server.key"
    file.touch(0o600)
    file.write_text(BAD_KEYS[what])
    line = refuse("--key", file)
    assert str(file) in line
    assert "smx-keygen" in line
    assert file.read_text() == BAD_KEYS[what]


def test_a_key_that_cannot_be_made_is_refused(tmp_path):
    blocking = tmp_path / "file"
    blocking.touch()
    assert str(blocking) in refuse("--key", blocking / "server.key")


@pytest.mark.parametrize("option", ["--require-secure", "--authorized-keys"])
def test_without_a_usable_default_key_nothing_secure_starts(
        tmp_path, key_file, option):
    key_file.chmod(0o644)
    nobody = tmp_path / "authorized"
    nobody.write_text("# nobody\n")
    options = [option, nobody][:1 + (option == "--authorized-keys")]
    line = refuse(*options, STATE_DIRECTORY=str(tmp_path))
    assert f"chmod 600 {key_file}" in line


def test_without_a_usable_default_key_the_server_says_so_and_serves_xor(
        server, connect, key_file):
    key_file.chmod(0o644)
    running = server(STATE_DIRECTORY=str(key_file.parent))
    running.expected_errors = True
    assert connect(running).ask(b"DATE")
    line, = running.stderr().splitlines()
    assert line.startswith("[X] ")
    assert "xor only" in line
    assert f"chmod 600 {key_file}" in line
    assert "Public key" not in running.output.text


def test_a_server_without_a_key_closes_when_the_magic_is_complete(
        server, key_file):
    key_file.chmod(0o644)
    running = server(STATE_DIRECTORY=str(key_file.parent))
    running.expected_errors = True
    with noise_peer.Client(running.address) as client:
        client.sock.sendall(noise_peer.MAGIC[:7])
        assert not client.ended_within(0.1)
        client.sock.sendall(noise_peer.MAGIC[7:])
        assert client.ended_within(5)
    assert running.counters()["exchange not offered"] == 1
