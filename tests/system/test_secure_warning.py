# SPDX-License-Identifier: MIT
"""The line that names --secure when xor leaves the machine.

For an address that is not a loopback one the tests make a network namespace,
with two ends of a cable in it that nothing else is connected to.
"""

import secrets
import shutil
import subprocess

import pytest

from programs import run

ADDRESS = "192.0.2.1"       # for documentation; nobody has it


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True,
                          timeout=10)


@pytest.fixture
def elsewhere():
    """How to run a program where ADDRESS is an address of the machine."""
    if not shutil.which("ip"):
        pytest.skip("ip is not installed")
    name = f"smx-test-{secrets.token_hex(6)}"
    made = ip("netns", "add", name)
    if made.returncode:
        pytest.skip(f"no network namespace: {made.stderr.strip()}")
    try:
        for words in ("link set lo up",
                      "link add one type veth peer name two",
                      f"address add {ADDRESS}/24 dev one",
                      "link set one up", "link set two up"):
            done = ip("-n", name, *words.split())
            if done.returncode:
                pytest.skip(f"ip {words}: {done.stderr.strip()}")
        yield ("ip", "netns", "exec", name)
    finally:
        ip("netns", "delete", name)


def public_key(running):
    return running.output.expect(r"Public key: (\S+)$").group(1)


def test_over_xor_to_another_machine_one_line_names_secure(server, elsewhere):
    running = server(host=ADDRESS, wrapper=elsewhere)
    finished = run("smx-client", ADDRESS, running.port, "date",
                   wrapper=elsewhere)
    assert finished.returncode == 0
    assert len(finished.stdout) == len("2024-02-29\n")
    line, = finished.stderr.splitlines()
    assert line.startswith("[!] ")
    assert "--secure" in line
    assert "path" in line


def test_the_menu_says_it_once(server, elsewhere):
    running = server(host=ADDRESS, wrapper=elsewhere)
    finished = run("smx-client", ADDRESS, running.port, wrapper=elsewhere,
                   feed="1\n4\n2\n4\n3\n5\n")
    assert finished.returncode == 0
    assert finished.stderr.count("--secure") == 1
    assert "--secure" not in finished.stdout


def test_a_secure_session_is_not_warned_of(server, elsewhere, tmp_path):
    running = server(host=ADDRESS, wrapper=elsewhere)
    finished = run("smx-client", "--secure", "--server-key",
                   public_key(running), ADDRESS, running.port, "date",
                   wrapper=elsewhere, HOME=str(tmp_path))
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1",
                                  "localhost"])
def test_a_loopback_address_is_not_warned_of(server, host):
    try:
        running = server(host=host)
    except pytest.fail.Exception:
        if host != "::1":
            raise
        pytest.skip("no IPv6 here")
    finished = run("smx-client", host, running.port, "date")
    assert (finished.returncode, finished.stderr) == (0, "")
