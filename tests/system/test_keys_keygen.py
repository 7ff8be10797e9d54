# SPDX-License-Identifier: MIT
"""smx-keygen: makes key files, shows public keys, warns of readers."""

import base64
import os
import pathlib
import signal
import stat
import subprocess

import pytest

import noise_peer
from programs import (
    Output, check_failure, environment, program, run, small_files)


def public_of(secret_text):
    secret = base64.b64decode(secret_text, validate=True)
    assert len(secret) == 32
    dh = noise_peer.X25519DH()
    return noise_peer.text_of(
        dh.generate_keypair(noise_peer.PrivateKey(secret)))


def test_a_key_is_made_and_its_public_half_is_printed(tmp_path):
    file = tmp_path / "key"
    finished = run("smx-keygen", file)
    assert (finished.returncode, finished.stderr) == (0, "")
    text = file.read_text()
    assert len(text) == 45 and text.endswith("=\n")
    assert finished.stdout == public_of(text.strip()) + "\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["key"]


@pytest.mark.parametrize("umask", [0, 0o777])
def test_the_mode_does_not_depend_on_a_lax_umask(tmp_path, umask):
    run("smx-keygen", tmp_path / "key", preexec=lambda: os.umask(umask))
    mode = stat.S_IMODE((tmp_path / "key").stat().st_mode)
    assert mode == 0o600 & ~umask


def test_each_key_is_another(tmp_path):
    keys = {run("smx-keygen", tmp_path / str(number)).stdout
            for number in range(20)}
    assert len(keys) == 20


def test_public_prints_it_again(tmp_path):
    made = run("smx-keygen", tmp_path / "key").stdout
    before = (tmp_path / "key").read_text()
    for _ in range(2):
        finished = run("smx-keygen", "--public", tmp_path / "key")
        assert (finished.returncode, finished.stderr) == (0, "")
        assert finished.stdout == made
    assert (tmp_path / "key").read_text() == before


def test_the_key_is_one_for_the_server_and_for_the_client(server, tmp_path):
    made = run("smx-keygen", tmp_path / "key").stdout
    running = server("--key", tmp_path / "key")
    assert "Public key: " + made in running.output.expect(
        r"Public key: \S+\n").string
    finished = run("smx-client", "-s", "--server-key", made.strip(),
                   "--identity", tmp_path / "key", *running.address, "date")
    assert finished.returncode == 0
    assert f": {made}" in running.output.expect(
        r"Secure session with \S+: \S+\n").group()


@pytest.mark.parametrize("what", ["key", "file", "folder", "link"])
def test_nothing_is_overwritten(tmp_path, what):
    file = tmp_path / "there"
    if what == "key":
        run("smx-keygen", file)
    elif what == "file":
        file.write_text("mine")
    elif what == "folder":
        file.mkdir()
    else:
        file.symlink_to("nowhere")
    before = file.lstat()
    check_failure(run("smx-keygen", file), 1, file)
    after = file.lstat()
    assert (after.st_ino, after.st_mtime_ns) == (
        before.st_ino, before.st_mtime_ns)
    assert os.listdir(tmp_path) == ["there"]


def test_a_folder_that_is_missing_is_an_error(tmp_path):
    check_failure(run("smx-keygen", tmp_path / "missing" / "key"), 1,
                  tmp_path / "missing" / "key")
    check_failure(run("smx-keygen", "--public", tmp_path / "key"), 1,
                  tmp_path / "key")
    assert os.listdir(tmp_path) == []


def test_public_refuses_what_a_server_would_refuse(tmp_path):
    file = tmp_path / "key"
    run("smx-keygen", file)
    file.chmod(0o644)
    check_failure(run("smx-keygen", "--public", file), 1,
                  f"chmod 600 {file}")
    file.chmod(0o600)
    file.write_text("nonsense\n")
    check_failure(run("smx-keygen", "--public", file), 1, file)
    check_failure(run("smx-keygen", "--public", tmp_path), 1, tmp_path)


@pytest.mark.parametrize("arguments", [
    [], ["a", "b"], ["--public"], ["--public", "a", "b"], ["--nonsense", "a"],
    ["--public=yes", "a"]])
def test_wrong_usage_is_2_and_makes_nothing(tmp_path, arguments):
    finished = run("smx-keygen", *[
        argument if argument.startswith("-") else tmp_path / argument
        for argument in arguments])
    check_failure(finished, 2)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_go_to_stdout(option):
    finished = run("smx-keygen", option)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout


def test_a_minus_writes_the_private_key_out_and_the_public_one_beside():
    finished = run("smx-keygen", "-")
    assert finished.returncode == 0
    secret, = finished.stdout.splitlines()
    assert finished.stderr == public_of(secret) + "\n"


@pytest.mark.parametrize("mode, warns", [
    (0o600, False), (0o644, True), (0o640, True), (0o604, True)])
def test_a_minus_into_a_file_that_others_can_read_warns(
        tmp_path, mode, warns):
    file = tmp_path / "key"
    file.touch()
    file.chmod(mode)
    with open(file, "w") as stdout:
        finished = subprocess.run(
            [program("smx-keygen"), "-"], stdout=stdout,
            stderr=subprocess.PIPE, env=environment(), timeout=10, text=True)
    assert finished.returncode == 0
    *warning, public = finished.stderr.splitlines()
    assert public == public_of(file.read_text().strip())
    assert len(warning) == warns
    if warns:
        assert warning[0].startswith("[!] ")
        assert "chmod 600" in warning[0]


def test_a_minus_on_a_terminal_warns():
    master, slave = os.openpty()
    output = Output(master)
    finished = subprocess.run(
        [program("smx-keygen"), "-"], stdin=slave, stdout=slave,
        stderr=subprocess.PIPE, env=environment(), timeout=10, text=True)
    secret = output.expect(r"^(\S{44})$").group(1)
    os.close(slave)
    output.thread.join(10)
    os.close(master)
    assert finished.returncode == 0
    warning, public = finished.stderr.splitlines()
    assert "terminal" in warning
    assert public == public_of(secret)


def test_a_key_that_cannot_be_written_out_is_an_error():
    full = pathlib.Path("/dev/full")
    if not full.exists():
        pytest.skip("no device here is always full")
    with open(full, "w") as stdout:
        finished = subprocess.run(
            [program("smx-keygen"), "-"], stdout=stdout,
            stderr=subprocess.PIPE, env=environment(), timeout=10, text=True)
    assert finished.returncode == 1
    assert "[X] " in finished.stderr
    assert "was made" not in finished.stderr


def test_a_public_key_that_cannot_be_written_out_is_an_error(tmp_path):
    with open("/dev/full", "w") as stdout:
        finished = subprocess.run(
            [program("smx-keygen"), tmp_path / "key"], stdout=stdout,
            stderr=subprocess.PIPE, env=environment(), timeout=10, text=True)
    assert finished.returncode == 1
    assert "[X] " in finished.stderr
    assert f"{tmp_path / 'key'} was created" in finished.stderr
    assert (tmp_path / "key").exists()


def test_an_empty_name_is_wrong_usage(tmp_path):
    for options in ([], ["--public"]):
        check_failure(run("smx-keygen", *options, ""), 2)


def test_authorize_adds_a_client_that_the_server_then_serves(
        server, tmp_path):
    listed = tmp_path / "clients"
    listed.write_text("# nobody")
    listed.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to("clients")
    running = server("--authorized-keys", link)
    own = tmp_path / "own"
    public = run("smx-keygen", own).stdout.strip()
    finished = run("smx-keygen", "--authorize", link, public, "Ada of Byron")
    assert (finished.returncode, finished.stdout) == (0, "")
    assert listed.read_text() == f"# nobody\n{public} Ada of Byron\n"
    assert stat.S_IMODE(listed.stat().st_mode) == 0o640
    assert link.is_symlink()
    running.signal(signal.SIGHUP)
    running.output.expect(r"^\[\*\] 1 authorized key$")
    finished = run("smx-client", "-s", "--trust-new", "--identity", own,
                   "--known-servers", tmp_path / "known", *running.address,
                   "date")
    assert finished.returncode == 0
    running.output.expect(r"^\[#\] Secure session with \S+: Ada of Byron$")


def test_authorize_refuses_what_would_not_be_read_as_it_is(tmp_path):
    listed = tmp_path / "clients"
    ada, bob = (run("smx-keygen", tmp_path / name).stdout.strip()
                for name in ("a", "b"))
    assert run("smx-keygen", "--authorize", listed, ada,
               "Ada").returncode == 0
    before = listed.read_bytes()
    for key, name, status, word in (
            (ada, "Eve", 1, '"Ada"'), (bob, "two\nlines", 1, "line break"),
            (bob, " x", 1, "space"), (bob, "", 1, "empty"),
            (bob[1:], "bob", 2, bob[1:]), ("", "bob", 2, "public key")):
        check_failure(run("smx-keygen", "--authorize", listed, key, name),
                      status, word)
    assert listed.read_bytes() == before
    listed.write_text(f"{ada}\nnonsense\n")
    check_failure(run("smx-keygen", "--authorize", listed, bob, "bob"), 1,
                  listed, "line 2")
    for words in ([], [listed], [listed, bob], [listed, bob, "a", "b"],
                  ["--public", listed, bob, "a"]):
        check_failure(run("smx-keygen", "--authorize", *words), 2)
    assert listed.read_text() == f"{ada}\nnonsense\n"


def test_a_limit_of_file_sizes_leaves_the_list_as_it_was(tmp_path):
    listed = tmp_path / "clients"
    ada, bob = (run("smx-keygen", tmp_path / name).stdout.strip()
                for name in ("a", "b"))
    run("smx-keygen", "--authorize", listed, ada, "Ada")
    before = listed.read_bytes()
    there = sorted(os.listdir(tmp_path))
    check_failure(run("smx-keygen", "--authorize", listed, bob, "Bob",
                      preexec=small_files(60)), 1, listed, "File too large")
    assert listed.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == there


@pytest.mark.parametrize("make", [pathlib.Path.mkdir, os.mkfifo])
def test_no_lock_is_left_beside_what_is_no_list(tmp_path, make):
    """As beside /dev/null, which some give for a list that is empty."""
    public = run("smx-keygen", tmp_path / "key").stdout.strip()
    make(tmp_path / "other")
    for words in (["--authorize", tmp_path / "other", public, "Ada"],
                  ["--forget", "--known-servers", tmp_path / "other",
                   "localhost", 1337]):
        check_failure(run("smx-keygen", *words), 1, tmp_path / "other",
                      "not a regular file")
    assert sorted(os.listdir(tmp_path)) == ["key", "other"]
