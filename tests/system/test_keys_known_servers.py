# SPDX-License-Identifier: MIT
"""The servers that a client knows: how they come in, and what holds then."""

import os
import pathlib
import signal
import stat
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import noise_peer
from programs import environment, program, run


@pytest.fixture
def user(tmp_path):
    """A user with a home and an identity."""
    return User(tmp_path / "home")


class User:
    def __init__(self, home):
        home.mkdir()
        self.home = home
        self.known = home / ".config" / "smx" / "known_servers"
        self.own = home / ".local" / "state" / "smx" / "client.key"

    def ask(self, address, *options, **more):
        return run("smx-client", "--secure", *options, *address, "date",
                   HOME=str(self.home), **more)

    def lines(self):
        return self.known.read_text().splitlines()


def public_key(running):
    return running.output.expect(r"Public key: (\S+)$").group(1)


def check_refusal(finished):
    assert finished.returncode == 6, finished
    assert finished.stdout == ""
    line, = finished.stderr.splitlines()
    assert line.startswith("[X] ")
    return line


def check_alarm(finished):
    """What precedes the line that says the same in short; and that line."""
    *alarm, line = finished.stderr.splitlines()
    assert alarm[0] == "[!] WARNING: THE SERVER'S KEY HAS CHANGED"
    assert all(one.startswith("[!] ") for one in alarm)
    return alarm, check_refusal(subprocess.CompletedProcess(
        finished.args, finished.returncode, finished.stdout, line + "\n"))


def check_success(finished):
    assert (finished.returncode, finished.stderr) == (0, ""), finished
    assert len(finished.stdout) == len("2024-02-29\n")


def test_off_a_terminal_a_server_that_is_not_known_is_refused(server, user):
    running = server()
    line = check_refusal(user.ask(running.address, feed="yes\n" * 5))
    assert public_key(running) in line
    assert "--trust-new" in line and "--server-key" in line
    assert f"[127.0.0.1]:{running.port}" in line
    assert not user.known.exists()


def test_with_trust_new_it_is_taken_and_remembered(server, user):
    running = server()
    check_success(user.ask(running.address, "--trust-new"))
    line = f"[127.0.0.1]:{running.port} {public_key(running)}"
    assert user.lines() == [line]
    assert stat.S_IMODE(user.known.stat().st_mode) & 0o022 == 0
    assert stat.S_IMODE(user.known.parent.stat().st_mode) == 0o700
    check_success(user.ask(running.address))
    check_success(user.ask(running.address, "--trust-new"))
    assert user.lines() == [line]


def test_xdg_config_home_is_where_the_file_is(server, user, tmp_path):
    running = server()
    check_success(user.ask(running.address, "--trust-new",
                           XDG_CONFIG_HOME=str(tmp_path / "config")))
    assert (tmp_path / "config" / "smx" / "known_servers").exists()
    assert not user.known.exists()


def test_what_else_is_in_the_file_stays_and_is_passed_over(server, user):
    running = server()
    user.known.parent.mkdir(parents=True)
    other = noise_peer.text_of(noise_peer.new_identity())
    old = (f"# mine\n\n[127.0.0.1]:1 {other}\n"
           f"#[127.0.0.1]:{running.port} {other}\n"
           f"[127.0.0.1]:{running.port // 10} {other}")
    user.known.write_text(old)
    check_success(user.ask(running.address, "--trust-new"))
    assert user.known.read_text() == (
        f"{old}\n[127.0.0.1]:{running.port} {public_key(running)}\n")
    check_success(user.ask(running.address))


def test_a_changed_key_is_refused_with_file_and_line_and_nothing_helps(
        server, user):
    running = server()
    user.known.parent.mkdir(parents=True)
    other = noise_peer.text_of(noise_peer.new_identity())
    text = f"# one\n\n[127.0.0.1]:{running.port} {other}\n"
    user.known.write_text(text)
    for options in ([], ["--trust-new"], ["--modern", "--trust-new"]):
        alarm, line = check_alarm(user.ask(running.address, *options))
        assert str(user.known) in line
        assert "line 3 " in line
        assert "CHANGED" in line
        assert public_key(running) in line
        assert f"[!] Expected:  {other} ({user.known}, line 3)" in alarm
        assert f"[!] Presented: {public_key(running)}" in alarm
    assert user.known.read_text() == text
    assert running.counters()["DATE"] == 0
    check_success(user.ask(
        running.address, "--server-key", public_key(running)))
    assert user.known.read_text() == text


def test_a_line_that_holds_no_key_is_refused_with_its_number(server, user):
    running = server()
    user.known.parent.mkdir(parents=True)
    user.known.write_text(f"\n[127.0.0.1]:{running.port} nonsense\n")
    line = check_refusal(user.ask(running.address, "--trust-new"))
    assert f"{user.known}, line 2" in line


def test_a_file_that_others_can_write_is_refused(server, user):
    user.known.parent.mkdir(parents=True)
    user.known.touch()
    user.known.chmod(0o666)
    line = check_refusal(user.ask(server().address, "--trust-new"))
    assert f"chmod go-w {user.known}" in line


def test_a_given_key_is_expected_and_no_file_is_touched(server, user):
    running, other = server(), noise_peer.text_of(noise_peer.new_identity())
    key = public_key(running)
    check_success(user.ask(running.address, "--server-key", key))
    alarm, line = check_alarm(
        user.ask(running.address, "--server-key", other))
    assert key in line
    assert f"[!] Expected:  {other} (the key given)" in alarm
    check_alarm(user.ask(running.address, "--server-key", other,
                         "--trust-new"))
    assert not user.known.parent.exists()


def test_the_name_that_was_given_is_what_is_remembered(server, user):
    running = server(host="localhost")
    check_success(user.ask(["LocalHost", running.port], "--trust-new"))
    assert user.lines()[0].startswith(f"[localhost]:{running.port} ")
    check_success(user.ask(["localhost", running.port]))
    check_refusal(user.ask(running.address))


def test_the_menu_remembers_too(server, user):
    running = server()
    finished = run("smx-client", "-s", "--trust-new", *running.address,
                   feed="4\n2\n4\n2\n5\n", HOME=str(user.home))
    assert (finished.returncode, finished.stderr) == (0, "")
    assert len(user.lines()) == 1


def test_many_clients_at_once_lose_no_line(server, user):
    running = server("-q", host="0.0.0.0")
    hosts = [f"127.0.0.{number}" for number in range(1, 41)]
    with ThreadPoolExecutor(8) as pool:
        for finished in pool.map(lambda host: user.ask(
                [host, running.port], "--trust-new"), hosts * 2):
            check_success(finished)
    key = public_key(running)
    assert sorted(user.lines()) == sorted(
        f"[{host}]:{running.port} {key}" for host in hosts)
    assert not list(user.known.parent.glob("known_servers.??????"))


def start(user, host, port):
    return subprocess.Popen(
        [program("smx-client"), "-s", "--trust-new", host, str(port), "date"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=environment(HOME=str(user.home)))


def test_the_file_survives_clients_that_are_killed_at_any_moment(
        server, user):
    running = server("-q", host="0.0.0.0")
    check_success(user.ask(["127.0.0.1", running.port], "--trust-new"))
    key = public_key(running)
    begin = time.monotonic()
    check_success(user.ask(["127.0.0.2", running.port], "--trust-new"))
    usual = time.monotonic() - begin
    seen = set(user.lines())
    kills = 60
    for number in range(kills):
        pair = [start(user, f"127.0.{1 + number}.{last}", running.port)
                for last in (1, 2)]
        time.sleep(2 * usual * number / kills)
        for client in pair:
            client.send_signal(signal.SIGKILL)
        lines = user.known.read_text()
        for client in pair:
            client.wait(10)
        assert lines.endswith("\n")
        assert seen <= set(lines.splitlines())      # none is ever lost
        seen = set(user.lines())
        assert all(line.startswith("[127.0.") and line.endswith(key)
                   for line in seen)
    check_success(user.ask(["127.0.0.3", running.port], "--trust-new"))
    check_success(user.ask(["127.0.0.1", running.port]))


def test_the_first_key_wins_when_two_are_learnt_at_once(peer, user):
    """Two attempts at the same address, answered by two identities."""
    gate = threading.Barrier(2)

    def script(session):
        session.receive_flight()
        gate.wait(10)
        session.send_flight()
        session.receive_flight()
        session.send(session.answer(session.receive_request()))
        session.receive_until_end()

    running = peer(script, session_class=noise_peer.Session)
    with ThreadPoolExecutor(2) as pool:
        codes = [finished.returncode for finished in pool.map(
            lambda _: user.ask(running.address, "--trust-new"), range(2))]
    assert sorted(codes) == [0, 6]
    assert len(user.lines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_cannot_be_written_is_a_refusal(server, user):
    user.known.parent.mkdir(parents=True)
    user.known.parent.chmod(0o500)
    try:
        line = check_refusal(user.ask(server().address, "--trust-new"))
    finally:
        user.known.parent.chmod(0o700)
    assert str(user.known) in line


def test_a_place_that_is_none_is_a_refusal(server, user):
    blocking = pathlib.Path(user.home) / ".config"
    blocking.touch()
    line = check_refusal(user.ask(server().address, "--trust-new"))
    assert str(blocking) in line
