# SPDX-License-Identifier: MIT
"""The cage of the running server: what is forbidden ends it, and says so."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from programs import ROOT, SLACK, Server, run, wait_until
from xor_peer import Client

ACTS = Path(os.environ.get("SMX_BUILD") or ROOT / "build") / "tests/libacts.so"
STATUS = 159


def act_names():
    return subprocess.run(["/bin/true"], env={"LD_PRELOAD": ACTS, "ACT": "?"},
                          check=True, capture_output=True,
                          text=True).stdout.split()


def visit(address):
    """A session, as far as the server goes along with it."""
    try:
        with Client(address) as client:
            client.sock.settimeout(SLACK)
            client.handshake()
            client.ask(b"TIME")
    except (ConnectionError, EOFError, TimeoutError, AssertionError):
        pass


@pytest.mark.parametrize("thread", ["acceptor", "worker", "log"])
def test_every_forbidden_act_ends_the_server_and_is_named(thread):
    names = act_names()
    assert len(names) >= 25
    for name in names:
        running = Server("--threads", 1, LD_PRELOAD=ACTS, ACT=name,
                         ACT_THREAD=thread)
        try:
            visit(running.address)
            assert running.process.wait(SLACK) == STATUS, name
            assert re.fullmatch(
                rf"\[X\] Forbidden system call \d+ \({name}\): [^\n]+\n",
                running.stderr()), name
        finally:
            if running.process.poll() is None:
                running.process.kill()
            running.process.wait()


def test_without_the_cage_an_act_is_none_of_its_business(server):
    running = server("--threads", 1, "--no-cage", LD_PRELOAD=ACTS,
                     ACT="socket", ACT_THREAD="worker")
    visit(running.address)
    assert running.process.poll() is None


def helper_of(running):
    """The id of the helper process of a server."""
    pid = running.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) == 1
    assert Path(f"/proc/{children[0]}/comm").read_text() == "smx-helper\n"
    return int(children[0])


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_helper_ends_with_the_server(number):
    running = Server()
    helper = helper_of(running)
    os.kill(helper, signal.SIGTERM)  # as a shell does to its whole job
    running.process.send_signal(number)
    running.process.wait(SLACK)
    wait_until(lambda: is_gone(helper), "the end of the helper")


def test_the_helper_has_no_descriptor_but_its_channel(server):
    running = server()
    wait_until(
        lambda: sorted(
            os.readlink(entry).split(":")[0] for entry in
            Path(f"/proc/{helper_of(running)}/fd").iterdir()
        ) == ["pipe", "pipe", "pipe", "socket"], "four descriptors")


def test_without_its_helper_a_server_keeps_what_it_has(server, tmp_path):
    clients = tmp_path / "clients"
    clients.write_text("# nobody\n")
    running = server("--authorized-keys", clients)
    os.kill(helper_of(running), signal.SIGKILL)
    for _ in range(2):
        seen = len(running.output.text)
        running.signal(signal.SIGHUP)
        running.output.expect(
            r"^\[X\] Keeping the old time zone: .*restart the server$", seen)
        running.output.expect(
            r"^\[X\] Keeping the old key list: .*restart the server$", seen)


def test_a_helper_that_hangs_delays_a_reload_but_no_client(server, connect):
    running = server()
    helper = helper_of(running)
    os.kill(helper, signal.SIGSTOP)
    try:
        running.signal(signal.SIGHUP)
        running.output.expect(r"^\[X\] Keeping the old time zone: the file "
                              r"system has not answered for 2 seconds$")
    finally:
        os.kill(helper, signal.SIGCONT)
    seen = len(running.output.text)
    running.signal(signal.SIGHUP)
    running.output.expect(r"^\[!\] Time zone reread", seen)
    assert "Keeping" not in running.output.text[seen:]
    assert connect(running).ask(b"DATE")


def test_a_new_zone_is_taken_over(server, tmp_path, connect):
    zones = Path("/usr/share/zoneinfo")
    zone = tmp_path / "zone"
    zone.write_bytes((zones / "Pacific/Kiritimati").read_bytes())
    running = server(TZ=str(zone))
    client = connect(running)

    def hour():
        return int(client.ask(b"TIME")[:2])

    before = hour()
    other = tmp_path / "other"
    other.write_bytes((zones / "Pacific/Honolulu").read_bytes())
    other.rename(zone)
    running.signal(signal.SIGHUP)
    running.output.expect("Time zone reread")
    # 14 hours ahead of UTC, and 10 behind: a day apart, to the hour.
    wait_until(lambda: (before - hour()) % 24 in (0, 23), "the same hour")
    other.write_bytes((zones / "Asia/Kolkata").read_bytes())
    other.rename(zone)
    running.signal(signal.SIGHUP)
    wait_until(lambda: (before - hour()) % 24 in (8, 9, 7), "India's hour")


def test_nobody_becomes_a_user_that_is_not_there():
    finished = run("smx-server", "--user", "no-such-user", "--port", "0")
    assert finished.returncode == 1
    assert "there is no such user" in finished.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes a user")
def test_root_becomes_a_user_for_good(server, tmp_path):
    key = tmp_path / "server.key"
    os.chmod(tmp_path, 0o777)
    os.chown(tmp_path, 65534, 65534)
    for folder in tmp_path.parents:
        if folder.owner() == "root" and not folder.stat().st_mode & 0o001:
            os.chmod(folder, folder.stat().st_mode | 0o011)
        if len(folder.parts) <= 2:
            break
    os.chmod(tmp_path, 0o700)
    running = server("--user", "nobody", "--key", key)
    assert key.stat().st_uid == 65534
    for pid in (running.process.pid, helper_of(running)):
        status = Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^Uid:\t65534\t65534\t65534\t65534$", status, re.M)
        assert re.search(r"^Gid:\t65534\t65534\t65534\t65534$", status, re.M)
        assert re.search(r"^CapEff:\t0+$", status, re.M)
        assert re.search(r"^CapPrm:\t0+$", status, re.M)
