# SPDX-License-Identifier: MIT
"""The client's own key, and the options that go with --secure."""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

import pytest

import noise_peer
from programs import check_failure, environment, program, run, wait_until

NOBODY = 65534
SOME_KEY = "A" * 43 + "="
BAD_KEYS = ["", "x", SOME_KEY[:-1], SOME_KEY + "=", SOME_KEY + " ",
            "A" * 44, "-" * 43 + "=", "A" * 42 + "B="]


@pytest.fixture
def client_of(server, tmp_path):
    """Runs secure clients on a server of their own, with their own home."""
    running = server()
    key = running.output.expect(r"Public key: (\S+)$").group(1)

    def shown():
        return [line.split()[-1] for line in running.output.lines
                if "Secure session" in line]

    successes = []

    def start(*options, **changes):
        finished = run("smx-client", "--secure", "--server-key", key,
                       *options, *running.address, "date",
                       **{"HOME": str(tmp_path / "home"), **changes})
        if finished.returncode == 0:
            successes.append(finished)
            wait_until(lambda: len(shown()) == len(successes),
                       "a line for each session")
        return finished, shown()

    (tmp_path / "home").mkdir()
    return start


def check_refusal(finished, *words):
    check_failure(finished, 6, *words)


def permissions(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_the_identity_is_made_at_first_use_and_kept(client_of, tmp_path):
    file = tmp_path / "home" / ".local" / "state" / "smx" / "client.key"
    for _ in range(3):
        finished, shown = client_of()
        assert (finished.returncode, finished.stderr) == (0, "")
    assert permissions(file) == 0o600
    assert permissions(file.parent) == 0o700
    assert set(shown) == {noise_peer.text_of(noise_peer.load_identity(file))}


def test_the_identity_is_where_xdg_state_home_says(client_of, tmp_path):
    finished, _ = client_of(XDG_STATE_HOME=str(tmp_path / "state"))
    assert finished.returncode == 0
    assert (tmp_path / "state" / "smx" / "client.key").exists()
    assert not list((tmp_path / "home").rglob("*.key"))


def test_an_xdg_place_that_is_not_absolute_is_ignored(client_of, tmp_path):
    finished, _ = client_of(XDG_STATE_HOME="state")
    assert finished.returncode == 0
    assert len(list((tmp_path / "home").rglob("client.key"))) == 1


def test_the_identity_that_was_named_is_used_and_made(client_of, tmp_path):
    file = tmp_path / "a new folder" / "my key"
    finished, _ = client_of("--identity", file)
    assert finished.returncode == 0
    own = noise_peer.text_of(noise_peer.load_identity(file))
    finished, shown = client_of("--identity", file)
    assert finished.returncode == 0
    assert shown == [own, own]
    assert not list((tmp_path / "home").rglob("*.key"))


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o602])
def test_an_identity_that_others_can_reach_is_refused(
        client_of, tmp_path, mode):
    file = noise_peer.save_identity(noise_peer.new_identity(),
                                    tmp_path / "key")
    file.chmod(mode)
    finished, shown = client_of("--identity", file)
    check_refusal(finished, file, f"chmod 600 {file}")
    assert shown == []
    finished = run("smx-client", "-s", "--identity", file, "127.0.0.1", 1)
    check_refusal(finished, f"chmod 600 {file}")     # before it connects


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_identity_of_somebody_else_is_refused(client_of, tmp_path):
    file = noise_peer.save_identity(noise_peer.new_identity(),
                                    tmp_path / "key")
    os.chown(file, NOBODY, NOBODY)
    check_refusal(client_of("--identity", file)[0], f"chown 0 {file}")


@pytest.fixture
def set_id_client():
    """A client that runs as NOBODY, in a folder that NOBODY can reach."""
    if os.geteuid() != 0:
        pytest.skip("takes root")
    with tempfile.TemporaryDirectory() as folder:
        status = pathlib.Path("/proc/self/status").read_text()
        if (os.statvfs(folder).f_flag & os.ST_NOSUID
                or "NoNewPrivs:\t1" in status):
            pytest.skip("set-id programs are none here")
        os.chmod(folder, 0o755)
        client = pathlib.Path(folder, "smx-client")
        shutil.copy(program("smx-client"), client)
        os.chown(client, NOBODY, NOBODY)
        client.chmod(0o4755)
        yield client


@pytest.mark.parametrize("variable", [
    "HOME", "XDG_STATE_HOME", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"])
def test_who_starts_a_set_id_client_does_not_say_where_its_key_is(
        set_id_client, variable):
    folder = set_id_client.parent / "folder"
    folder.mkdir()
    key = noise_peer.save_identity(noise_peer.new_identity(),
                                   folder / "client.key")
    for path in folder, key:
        os.chown(path, NOBODY, NOBODY)
    finished = subprocess.run(
        [set_id_client, "--secure", "--trust-new", "127.0.0.1", "1", "date"],
        capture_output=True, text=True, timeout=30,
        env=environment(**{variable: str(folder)}))
    if "LeakSanitizer" in finished.stderr:
        pytest.skip("a sanitizer looks into no set-id program")
    # Its own home is none that anything can be made in.
    check_refusal(finished, "client.key")
    assert str(folder) not in finished.stderr
    assert os.listdir(folder) == [key.name]


def test_what_is_no_identity_is_refused(client_of, tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "empty").touch(0o600)
    (tmp_path / "nonsense").touch(0o600)
    (tmp_path / "nonsense").write_text("nonsense\n")
    for name in ("pipe", "empty", "nonsense", "home", "empty/within"):
        check_refusal(client_of("--identity", tmp_path / name)[0],
                      tmp_path / name)


def test_a_public_key_that_is_none_is_wrong_usage(tmp_path):
    for key in BAD_KEYS:
        finished = run("smx-client", "--secure", "--server-key", key,
                       "127.0.0.1", 1, "date", HOME=str(tmp_path))
        assert finished.returncode == 2, (key, finished)
        assert finished.stdout == ""
        line, = finished.stderr.splitlines()
        assert line.startswith("[X] ")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("options", [
    ["--identity", "file"], ["--server-key", SOME_KEY], ["--trust-new"]])
def test_what_goes_with_secure_is_wrong_usage_without_it(options, tmp_path):
    finished = run("smx-client", *options, "127.0.0.1", 1, "date",
                   HOME=str(tmp_path))
    assert finished.returncode == 2
    line, = finished.stderr.splitlines()
    assert options[0] in line
    assert "--secure" in line
    assert os.listdir(tmp_path) == []


def test_without_secure_no_file_is_made(server, tmp_path):
    finished = run("smx-client", *server().address, "date",
                   HOME=str(tmp_path))
    assert finished.returncode == 0
    assert os.listdir(tmp_path) == []


def test_a_secure_client_does_not_fall_back_to_xor(peer, tmp_path):
    """What an original server would answer is not taken, nor asked again."""
    running = peer()
    finished = run("smx-client", "-s", "--trust-new", "--timeout", 0.3,
                   *running.address, "date", HOME=str(tmp_path))
    assert finished.returncode in (4, 5)
    assert finished.stdout == ""
    session, = running.sessions
    assert session.requests == []


def test_the_menu_reports_a_bad_identity_and_ends(tmp_path):
    file = pathlib.Path(tmp_path / "key")
    file.touch(0o600)
    finished = run("smx-client", "-s", "--identity", file, "127.0.0.1", 1,
                   feed="1\n5\n")
    check_refusal(finished, file, "smx-keygen")
