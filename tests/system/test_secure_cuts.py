# SPDX-License-Identifier: MIT
"""A secure session that is cut, at each byte and in either direction."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import noise_peer
from noise_peer import FLIGHT_BYTES, FRAME_BYTES
from programs import run
from proxy import End, between, relay
from xor_peer import Server

UPWARDS = FLIGHT_BYTES[0] + FLIGHT_BYTES[2] + FRAME_BYTES
DOWNWARDS = FLIGHT_BYTES[1] + FRAME_BYTES


@pytest.fixture
def ask(tmp_path):
    """Lets a client ask that server by way of somebody who cuts."""
    identity = noise_peer.new_identity()
    file = noise_peer.save_identity(identity, tmp_path / "client.key")

    def once(running, key, timeout=5, **limits):
        middle = Server(between(running.address, lambda client, server:
                                relay(client, server, **limits)))
        try:
            return run("smx-client", "--secure", "--timeout", timeout,
                       "--identity", file, "--server-key", key,
                       *middle.address, "time")
        finally:
            middle.close()
            assert middle.failures == []

    return once


def public_key(running):
    return running.output.expect(r"Public key: (\S{44})$").group(1)


def check_nothing_is_left(running, descriptors):
    running.wait_for_counter("now", 0)
    running.wait_for_descriptors(descriptors)


@pytest.mark.parametrize("ending", [End.close, End.reset],
                         ids=["closed", "reset"])
@pytest.mark.parametrize("direction, total", [
    ("upwards", UPWARDS), ("downwards", DOWNWARDS)],
    ids=["upwards", "downwards"])
def test_each_cut_is_reported_by_the_client_and_leaves_no_trace(
        server, ask, direction, total, ending):
    running = server("--threads", 1, "--quiet")
    key = public_key(running)
    descriptors = running.descriptors()

    def cut(count):
        finished = ask(running, key, **{direction: count}, ending=ending)
        return count, finished

    with ThreadPoolExecutor(4) as pool:
        for count, finished in pool.map(cut, range(total)):
            what = f"after {count} bytes: {finished}"
            # Reset at once, it may not even come to be connected.
            statuses = (1, 5, 6) if count else (3, 5)
            assert finished.returncode in statuses, what
            assert finished.stdout == "", what
            line, = finished.stderr.splitlines()
            assert line.startswith("[X] "), what
    check_nothing_is_left(running, descriptors)


def test_what_is_not_cut_succeeds(server, ask):
    running = server()
    finished = ask(running, public_key(running))
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize("count", [0, 7, 8, 39, 40, 41, 103, 104, 105, 153])
def test_a_session_that_falls_silent_is_reported_and_cleared_away(
        server, peer, tmp_path, count):
    running = server("--threads", 1, "--handshake-timeout", 0.5,
                     "--idle-timeout", 0.5)
    descriptors = running.descriptors()

    def hold(client, upstream):
        """Up to the server's end, which the client's does not bring about."""
        client.forward(upstream, FLIGHT_BYTES[0] if count > 40 else count)
        if count > 40:
            upstream.forward(client, FLIGHT_BYTES[1])
            client.forward(upstream, count - FLIGHT_BYTES[0])
        upstream.swallow()

    middle = peer(between(running.address, hold))
    finished = run("smx-client", "--secure", "--timeout", 0.2,
                   "--identity", tmp_path / "client.key",
                   "--server-key", public_key(running),
                   *middle.address, "time")
    assert finished.returncode == 4, finished
    line, = finished.stderr.splitlines()
    assert line.startswith("[X] ")
    check_nothing_is_left(running, descriptors)
