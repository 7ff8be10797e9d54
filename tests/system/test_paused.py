# SPDX-License-Identifier: MIT
"""Processes that did not run for longer than a deadline: nobody pays for it."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import noise_peer
from bench_runs import accounted, command_line, numbers_of
from programs import PATIENCE, Server, environment, program, wait_until
from xor_peer import KEY_BYTES, Client, draw

MANY = 300          # more than one batch of the loop, which has 256
SOME = 20           # and as many as Python can do the curves for in time
DEADLINE = 4        # seconds
STOP = DEADLINE + 1

TIME = re.compile(rb"\d\d:\d\d:\d\d\.\d{6}")


def state_of(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: state_of(pid) == "T", "the stop")


class Crowd:
    """Clients of a server of their own, which is stopped when all are there."""

    def __init__(self, ending, *arguments):
        self.server = Server("--threads", 1, "--quiet", *arguments)
        self.clients = []
        self.stopped = -STOP    # not yet
        ending.callback(self.close)

    def stop(self):
        stop(self.server.pid)
        self.stopped = time.monotonic()

    def go_on(self):
        time.sleep(max(0, self.stopped + STOP - time.monotonic()))
        self.server.signal(signal.SIGCONT)

    def close(self):
        self.go_on()
        for client in self.clients:
            client.close()
        assert self.server.stop() == []


def idle_sessions(ending):
    """Their requests arrive during the stop."""
    crowd = Crowd(ending, "--idle-timeout", DEADLINE)
    key = draw(KEY_BYTES)
    crowd.clients = [Client(crowd.server.address, key=key)
                     for _ in range(MANY)]
    for client in crowd.clients:
        client.handshake()
    crowd.stop()
    for client in crowd.clients:
        client.send(b"TIME")
    return crowd


def first_flights(ending):
    crowd = Crowd(ending, "--handshake-timeout", DEADLINE)
    identity = noise_peer.new_identity()
    crowd.clients = [noise_peer.Client(crowd.server.address, identity)
                     for _ in range(MANY)]
    flights = [client.write_flight() for client in crowd.clients]
    crowd.server.wait_for_counter("now", MANY)
    crowd.stop()
    for client, flight in zip(crowd.clients, flights):
        client.sock.sendall(flight)
    return crowd


def third_flights(ending):
    crowd = Crowd(ending, "--handshake-timeout", DEADLINE)
    identity = noise_peer.new_identity()
    for _ in range(SOME):
        client = noise_peer.Client(crowd.server.address, identity)
        client.send_flight()
        client.receive_flight()
        crowd.clients.append(client)
    flights = [client.write_flight() for client in crowd.clients]
    crowd.stop()
    for client, flight in zip(crowd.clients, flights):
        client.sock.sendall(flight + client.seal(b"TIME"))
    return crowd


def half_words(ending):
    crowd = Crowd(ending)
    crowd.clients = [Client(crowd.server.address).handshake()
                     for _ in range(3)]
    for client in crowd.clients:
        client.send(b"TIME")
        assert TIME.fullmatch(client.seal(client.receive_exactly(15)))
        client.sock.sendall(client.seal(b"TIME")[:2])
    time.sleep(0.1)     # until they are looked at
    crowd.stop()
    for client in crowd.clients:
        client.sock.sendall(client.seal(b"TIME")[2:])
    return crowd


@pytest.fixture(scope="module")
def crowds():
    """All of them, so that they wait for the ends of their stops together."""
    made = {}
    with contextlib.ExitStack() as stack:
        for make in (half_words, third_flights, first_flights, idle_sessions):
            made[make] = make(stack)
        yield made


def check_times(crowd, replies):
    assert all(TIME.fullmatch(reply) for reply in replies)
    assert crowd.server.counters()["unknown"] == 0


@pytest.mark.parametrize("make", [half_words, idle_sessions])
def test_requests_that_arrived_during_a_stop_are_answered(crowds, make):
    crowd = crowds[make]
    crowd.go_on()
    check_times(crowd, [client.seal(client.receive_exactly(15))
                        for client in crowd.clients])


def test_first_flights_that_arrived_during_a_stop_are_answered(crowds):
    crowd = crowds[first_flights]
    crowd.go_on()
    flights = [client.receive_exactly(noise_peer.FLIGHT_BYTES[1])
               for client in crowd.clients]
    entering = crowd.clients[::MANY // SOME]
    for client, flight in zip(entering, flights[::MANY // SOME]):
        client.read_flight(flight)
        client.send_flight()
    check_times(crowd, [client.ask(b"TIME") for client in entering])


def test_third_flights_that_arrived_during_a_stop_open_sessions(crowds):
    crowd = crowds[third_flights]
    crowd.go_on()
    check_times(crowd, [client.receive_reply() for client in crowd.clients])


def test_who_stays_silent_is_still_ended_after_a_stop(server, connect):
    running = server("--threads", 1, "--idle-timeout", 1,
                     "--handshake-timeout", 1)
    silent = connect(running)
    connect(running, handshake=False)
    stop(running.pid)
    time.sleep(1.5)
    running.signal(signal.SIGCONT)
    assert silent.ended_within(PATIENCE)
    running.wait_for_counter("handshake timeout", 1)
    assert running.counters()["idle timeout"] == 1


def test_a_load_moves_no_deadline(server, connect):
    """A half-open connection beside sessions that never rest."""
    running = server("--threads", 1, "--handshake-timeout", 1)
    busy = [connect(running) for _ in range(8)]
    load = subprocess.Popen(
        command_line(running, "--connections", 300, "--depth", 32,
                     "--threads", 1, "--duration", 4),
        env=environment(), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: running.counters()["now"] > len(busy) + 200,
                   "the load")
        begin = time.monotonic()
        half_open = connect(running, handshake=False)
        assert half_open.ended_within(PATIENCE)
        assert 0.9 < time.monotonic() - begin < 1 + 5
        running.wait_for_counter("handshake timeout", 1)
        assert load.poll() is None
    finally:
        load.kill()
        load.wait()


# --- the other programs ---

def test_a_client_gets_the_reply_that_came_while_it_was_stopped(peer):
    def script(session):
        session.handshake()
        session.receive_request()
        wait_until(lambda: state_of(client.pid) == "S", "its wait")
        stop(client.pid)
        session.send(b"12:34:56.789012")
        stopped.append(time.monotonic())
        session.receive_until_end()

    stopped = []
    running = peer(script)
    client = subprocess.Popen(
        [program("smx-client"), "--timeout", "0.5", *map(str, running.address),
         "time"],
        env=environment(), stdout=subprocess.PIPE, text=True)
    wait_until(lambda: stopped, "the request")
    time.sleep(1)
    client.send_signal(signal.SIGCONT)
    output, _ = client.communicate(timeout=PATIENCE)
    assert client.returncode == 0
    assert "12:34:56.789012" in output


@pytest.mark.parametrize("arguments", [
    ["--command", "temp"], ["--rate", 300, "--command", "mix"]])
def test_a_load_generator_reads_before_it_judges(server, arguments):
    running = server("--threads", 1)
    load = subprocess.Popen(
        command_line(running, "--json", "--connections", 40, "--threads", 1,
                     "--timeout", 0.5, "--duration", 3, *arguments),
        env=environment(), stdout=subprocess.PIPE, text=True)
    wait_until(lambda: running.counters()["TEMP"] > 40, "the load")
    stop(load.pid)
    time.sleep(1.2)
    load.send_signal(signal.SIGCONT)
    output, _ = load.communicate(timeout=30)
    assert load.returncode == 0, output
    numbers = numbers_of(subprocess.CompletedProcess([], 0, output))
    assert numbers["errors"] == 0
    assert accounted(numbers) > 0
    assert 0.9 < numbers["tester_stood_s"] < 10
