# SPDX-License-Identifier: MIT
"""A client that asks and never takes its replies."""

import re
import shutil
import subprocess
import time

import pytest

SMALL = 2048            # bytes of receive buffer, so that it is soon full
ENOUGH = 32 << 20       # bytes of requests that no server should read
KERNEL_MAX = 128 << 10  # bytes that the kernel may hold for a connection


def ask_until_stuck(client):
    """Send TIME until nothing is taken for half a second; bytes taken."""
    requests = client.seal(b"TIME") * 4096
    sent = 0
    client.sock.settimeout(0.5)
    try:
        while sent < ENOUGH:
            sent += client.sock.send(requests[sent % 4:])
    except TimeoutError:
        pass
    client.sock.settimeout(10)
    return sent


def test_nothing_more_is_read_and_others_are_served(server, connect):
    running = server("--threads", 1)
    other = connect(running)
    stuck = connect(running, receive_buffer=SMALL)
    assert ask_until_stuck(stuck) < ENOUGH
    before = running.cpu_seconds()
    for _ in range(20):
        assert other.ask(b"DATE")
        time.sleep(0.05)
    assert running.cpu_seconds() - before < 0.5
    assert ask_until_stuck(stuck) < 65536       # at most the kernel took it


def test_little_is_held_for_those_who_do_not_read(server, connect):
    running = server("--threads", 1)
    if running.is_sanitized():
        pytest.skip("a sanitized program holds much else")
    other = connect(running)
    assert other.ask(b"DATE")
    before = running.memory()
    for _ in range(20):
        client = connect(running, receive_buffer=SMALL)
        client.sock.settimeout(0.05)
        try:
            while True:
                client.sock.sendall(client.seal(b"TIME") * 4096)
        except TimeoutError:
            pass
    assert other.ask(b"DATE")
    assert running.memory() - before < (20 * 16 << 10) + (4 << 20)


def kernel_bytes(running):
    """What the kernel holds for each of the server's connections."""
    if not shutil.which("ss"):
        pytest.skip("there is no ss")
    shown = subprocess.run(
        ["ss", "-tmnH", "sport", "=", f":{running.port}"],
        capture_output=True, text=True, check=False).stdout
    found = re.findall(r"skmem:\(r(\d+),rb\d+,t(\d+),tb\d+,f(\d+),w(\d+)",
                       shown)
    if not found:
        pytest.skip("ss does not show the memory of sockets")
    return [r + max(t, w) + f for r, t, f, w in
            (map(int, numbers) for numbers in found)]


@pytest.mark.parametrize("receive_buffer", [SMALL, 0])
def test_the_kernel_holds_little_for_those_who_do_not_read(
        server, connect, receive_buffer):
    """Neither of the replies nor of the requests, however fast they come."""
    running = server("--threads", 1)
    clients = [connect(running, receive_buffer=receive_buffer)
               for _ in range(10)]
    sent = 0
    for client in clients:
        client.sock.setblocking(False)
    deadline = time.monotonic() + 20
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 0.5:
        assert time.monotonic() < deadline, f"{sent} bytes were taken"
        for client in clients:
            try:
                sent += client.sock.send(client.seal(b"TIME") * 4096)
                quiet_since = time.monotonic()
            except BlockingIOError:
                pass
    most = max(kernel_bytes(running))
    assert 16384 < most <= KERNEL_MAX


def test_whoever_reads_again_gets_every_reply(server, connect):
    client = connect(server(), receive_buffer=SMALL)
    requests = ask_until_stuck(client) // 4
    client.finish_sending()
    received = client.receive_until_end()
    assert len(received) - requests * 15 in (0, 4)  # 4: a last half word
