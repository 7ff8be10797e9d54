# SPDX-License-Identifier: MIT
"""Both programs against a peer made of what node brings along, if it is there.

A second opinion: its curve, cipher and hash are those of OpenSSL, and its
handshake is its own.
"""

import base64
import pathlib
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from programs import Output, environment, run
from xor_peer import ERROR, PATIENCE

PEER = pathlib.Path(__file__).with_name("node_peer.mjs")
OLDEST = 16
SESSIONS = 100


def missing():
    """Why these tests cannot be run, or None."""
    node = shutil.which("node")
    if not node:
        return "node is not installed"
    version = subprocess.run([node, "--version"], capture_output=True,
                             text=True, timeout=30).stdout
    if int(re.match(r"v(\d+)", version).group(1)) < OLDEST:
        return f"node {version.strip()} is older than {OLDEST}"
    return None


MISSING = missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=str(MISSING))


def test_many_sessions_of_node_with_our_server(server):
    running = server("--threads", 2)
    key = running.output.expect(r"Public key: (\S+)$").group(1)
    finished = subprocess.run(
        ["node", PEER, "client", *map(str, running.address), str(SESSIONS),
         "TIME", " date ", "Temp", "?", "TIME"],
        capture_output=True, text=True, timeout=60, env=environment())
    assert (finished.returncode, finished.stderr) == (0, "")
    lines = finished.stdout.splitlines()
    assert len(lines) == SESSIONS
    for line in lines:
        shown, *replies = line.split()
        assert shown == key
        time, date, temperature, error, again = map(base64.b64decode, replies)
        assert re.fullmatch(rb"\d\d:\d\d:\d\d\.\d{6}", time)
        assert re.fullmatch(rb"\d{4}-\d\d-\d\d", date)
        assert re.fullmatch(rb"-?\d{1,3}", temperature)
        assert error == ERROR
        assert re.fullmatch(rb"\d\d:\d\d:\d\d\.\d{6}", again)
    running.wait_for_counter("now", 0)
    assert running.counters()["END"] == SESSIONS
    assert running.counters()["protocol error"] == 0


@pytest.fixture
def node():
    """A server made of node; its port and its key, and what it prints."""
    process = subprocess.Popen(
        ["node", PEER, "server"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    output = Output(process.stdout.fileno())
    port, key = output.expect(r"^(\d+) (\S{44})$").groups()
    yield port, key, output
    process.stdin.close()
    try:
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        output.thread.join(PATIENCE)
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
    assert errors == b""


def test_many_sessions_of_our_client_with_node(node, tmp_path):
    port, key, output = node
    own = run("smx-keygen", tmp_path / "client.key").stdout.strip()
    forms = {"time": r"\d\d:\d\d:\d\d\.\d{3}000\n",
             "date": r"\d{4}-\d\d-\d\d\n", "temp": r"-7\n"}

    def ask(number):
        command = list(forms)[number % 3]
        finished = run("smx-client", "--secure", "--server-key", key,
                       "--identity", tmp_path / "client.key", "127.0.0.1",
                       port, command)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert re.fullmatch(forms[command], finished.stdout)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(SESSIONS)))
    output.expect(rf"(^{re.escape(own)}\n){{{SESSIONS}}}")


def test_the_menu_of_our_client_over_node(node, tmp_path):
    port, _, _ = node
    finished = run("smx-client", "-s", "--trust-new", "127.0.0.1", port,
                   feed="1\n2\n3\n" * 10 + "5\n", HOME=str(tmp_path))
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.count("Response from server: ") == 30
