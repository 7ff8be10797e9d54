# SPDX-License-Identifier: MIT
"""The client after a failure: the menu stays; and what interrupts it."""

import re
import signal
import subprocess
import time

import pytest

from programs import Output, environment, program, run
from xor_peer import ERROR, PATIENCE


def fail_once(peer, fail):
    """A Python server whose first session goes wrong, and only that."""
    def script(session):
        if session is running.sessions[0]:
            session.handshake()
            session.receive_request()
            fail(session)
        else:
            session.serve()

    running = peer(script)
    return running


def check_menu_goes_on(running, feed, status):
    finished = run("smx-client", "--timeout", 0.5, *running.address, feed=feed)
    assert finished.returncode == status
    assert re.fullmatch(r"\[X\] .*\n", finished.stderr)
    assert finished.stdout.count("[#] Connection established with ") == 2
    assert finished.stdout.count("[-] Response from server: ") == 1
    assert finished.stdout.endswith("[!] Exiting ...\n")


@pytest.mark.parametrize("fail, status", [
    (lambda session: None, 1),
    (lambda session: session.receive_until_end(), 4),
    (lambda session: session.send(b"?" * 15), 5)])
def test_after_a_lost_connection_4_connects_again(peer, fail, status):
    check_menu_goes_on(fail_once(peer, fail), "1\n4\n1\n5\n", status)


def test_the_first_failure_decides_the_status(peer):
    def script(session):
        session.handshake()
        session.receive_request()
        if session is running.sessions[0]:
            session.send(b"?" * 15)

    running = peer(script)
    finished = run("smx-client", *running.address, feed="1\n4\n1\n5\n")
    assert finished.returncode == 5
    assert len(re.findall(r"^\[X\] ", finished.stderr, re.M)) == 2


def test_an_error_does_not_end_the_session(peer):
    answers = iter([ERROR, b"14:08:38.630789"])

    def script(session):
        session.handshake()
        for request in iter(session.receive_request, b"END"):
            session.send(next(answers))

    running = peer(script)
    finished = run("smx-client", *running.address, feed="1\n1\n5\n")
    assert finished.returncode == 1
    assert re.fullmatch(r"\[X\] .*\n", finished.stderr)
    assert "Response from server: 14:08:38.630789\n" in finished.stdout
    assert len(running.wait()) == 1


@pytest.mark.parametrize("script", [
    lambda session: session.receive_until_end(),
    lambda session: (session.handshake(), session.receive_until_end())])
def test_an_interrupt_ends_the_wait_with_130(peer, script):
    client = subprocess.Popen(
        [program("smx-client"), *map(str, peer(script).address), "time"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=environment())
    with client:
        time.sleep(0.3)
        client.send_signal(signal.SIGINT)
        assert client.wait(PATIENCE) == 130
        assert client.stdout.read() == b""


def test_a_lost_server_is_noticed_while_a_pipe_is_silent(server):
    running = server()
    client = subprocess.Popen(
        [program("smx-client"), *map(str, running.address)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment())
    with client:
        Output(client.stdout.fileno()).expect("6. print menu")
        errors = Output(client.stderr.fileno())
        running.signal(signal.SIGTERM)
        errors.expect(r"^\[X\] .*\n")
        client.stdin.close()
        assert client.wait(PATIENCE) in (0, 1)
        errors.thread.join(PATIENCE)
        assert errors.text.count("[X]") == 1
