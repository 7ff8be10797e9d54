# SPDX-License-Identifier: MIT
"""Whatever makes a client or a load leave, a server that is the original gets END."""

import signal
import subprocess
import time

import pytest

from programs import (environment, may_be_hindered, program, run,
                      wait_until)
from xor_peer import Session


class Mute(Session):
    """Takes requests and replies to none of them."""

    def answer(self, request):
        return None

    def serve(self):
        self.handshake()
        while self.requests[-1:] != [b"END"]:
            if not self.receive_request():
                break


def requests(running):
    session, = running.wait()
    return session.requests


DEADLY = sorted(signal.valid_signals() - {
    signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN,
    signal.SIGTTOU, signal.SIGCONT, signal.SIGCHLD, signal.SIGURG,
    signal.SIGWINCH, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE,
    signal.SIGILL, signal.SIGABRT, signal.SIGSYS, signal.SIGTRAP})


@pytest.mark.parametrize("number", [
    number for number in DEADLY
    if number <= signal.SIGRTMIN + 1 or number == signal.SIGRTMAX])
@may_be_hindered
def test_a_signal_while_a_reply_is_awaited_says_end(peer, number):
    running = peer(original=True, session_class=Mute)
    client = subprocess.Popen(
        [program("smx-client"), *map(str, running.address), "time"],
        env=environment(), stdout=subprocess.DEVNULL)
    wait_until(lambda: running.sessions and running.sessions[0].requests,
               "a request")
    client.send_signal(number)
    status = client.wait(15)
    assert status in (-number, 128 + number)
    assert requests(running) == [b"TIME", b"END"]


@may_be_hindered
def test_a_reply_that_is_late_ends_in_end(peer):
    running = peer(original=True, session_class=Mute)
    finished = run("smx-client", "--timeout", 0.3, *running.address, "time")
    assert finished.returncode == 4
    assert requests(running) == [b"TIME", b"END"]


class Slow(Mute):
    """Takes its requests from a machine that is busy."""

    def receive_request(self):
        time.sleep(0.01)
        return super().receive_request()


def test_end_is_no_part_of_a_request_that_just_left(peer):
    """On a busy machine such a session may not come about at once."""
    running = peer(original=True, session_class=Slow)
    for _ in range(100):
        finished = run("smx-client", "--timeout", 0.005,
                       *running.address, "time")
        if finished.returncode == 4 and running.sessions[-1].requests:
            break
    assert finished.returncode == 4
    assert running.wait()[-1].requests == [b"TIME", b"END"]


@may_be_hindered
def test_the_original_is_recognized_by_its_forty_bytes_and_let_go(peer):
    running = peer(original=True)
    finished = run("smx-client", "--secure", "--trust-new",
                   *running.address, "time")
    assert finished.returncode == 5
    assert "original" in finished.stderr
    assert requests(running) == [b"END"]


def bench(running, *options):
    """A load that lasts until something ends it."""
    return subprocess.Popen(
        [program("smx-bench"), "-c", "2", "-d", "60", *map(str, options),
         *map(str, running.address)], env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def endings(running):
    """The last request of each session: of the first one, and of the load."""
    return [session.requests[-1:] for session in running.wait()]


@pytest.mark.parametrize("options", [[], ["--rate", 20]])
@pytest.mark.parametrize("session_class", [Session, Mute])
@pytest.mark.parametrize("number", [
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
    signal.SIGUSR1])
@may_be_hindered
def test_a_load_that_is_interrupted_says_end(
        peer, number, session_class, options):
    running = peer(original=True, session_class=session_class)
    load = bench(running, *options)
    wait_until(lambda: sum(bool(session.requests)
                           for session in running.sessions) == 3,
               "a request on each connection")
    load.send_signal(number)
    assert load.wait(15) == 130
    assert endings(running) == [[b"END"]] * 3


@may_be_hindered
def test_a_load_whose_replies_are_late_says_end(peer):
    running = peer(original=True, session_class=Mute)
    assert bench(running, "--timeout", 0.3).wait(15) == 1
    assert endings(running) == [[b"END"]] * 3


@may_be_hindered
def test_a_load_under_nohup_is_not_hung_up(peer):
    running = peer(original=True)
    load = subprocess.Popen(
        [program("smx-bench"), "-c", "1", "-d", "1",
         *map(str, running.address)],
        env=environment(), stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_until(lambda: len(running.sessions) == 2
               and running.sessions[1].requests, "a request")
    load.send_signal(signal.SIGHUP)
    assert load.wait(15) == 0
