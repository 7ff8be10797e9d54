# SPDX-License-Identifier: MIT
"""Attackers on the path: a session is as strong as asked for, or none.

Each of them meets each client (over xor, secure) on its way to each server.
What a client or a server asked for holds: a secure client is answered only by
the server whose key it expects, over noise, and never says a word of xor; a
server that wants secure sessions, or certain keys, serves nobody else.
"""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

import noise_peer
from attackers import (ATTACKS, be_a_secure_client, cut_the_third_flight,
                       honest)
from noise_peer import FLIGHT_BYTES, MAGIC
from programs import run
from proxy import between
from xor_peer import Server

TIMEOUT = 0.4
DATE = re.compile(r"\d{4}-\d\d-\d\d\n")
SERVERS = {"any": [], "required": ["--require-secure"],
           "listed": ["--authorized-keys", "with"],
           "unlisted": ["--authorized-keys", "without"]}


class Path:
    """A client, somebody on the path, and a server."""

    def __init__(self, folder, kind, running, is_secure):
        self.folder, self.kind, self.running = folder, kind, running
        key = running.output.expect(r"Public key: (\S+)$").group(1)
        self.options = ["--timeout", TIMEOUT, "--modern"]
        if is_secure:
            self.options += ["--secure", "--server-key", key, "--identity",
                             folder / "client.key"]

    def walk(self, attack, recorded=None):
        """What the client said and printed, and what the server said."""
        middle = Server(between(
            self.running.address,
            lambda client, server: attack(client, server, recorded)))
        finished = run("smx-client", *self.options, *middle.address, "date")
        middle.close()
        assert middle.failures == [] or attack is not honest
        session, = middle.sessions
        return finished, session.end.heard, session.server_end.heard


@pytest.fixture
def paths(server, tmp_path):
    """From a secure or a xor client to each kind of server."""
    identity = noise_peer.new_identity()
    noise_peer.save_identity(identity, tmp_path / "client.key")
    (tmp_path / "with").write_text(noise_peer.text_of(identity) + " me\n")
    (tmp_path / "without").write_text("# nobody\n")

    def start(is_secure):
        return [Path(tmp_path, kind, server(
            "--handshake-timeout", 1, "--idle-timeout", 1, "--threads", 1,
            *[tmp_path / option if option.startswith("with") else option
              for option in options]), is_secure)
            for kind, options in SERVERS.items()]

    return start


def counters(running):
    running.wait_for_counter("now", 0)
    return running.counters()


@pytest.mark.parametrize("is_secure, served", [
    (False, ["any"]), (True, ["any", "required", "listed"])],
    ids=["xor", "secure"])
def test_with_nobody_on_the_path_each_is_served_who_should_be(
        paths, is_secure, served):
    for path in paths(is_secure):
        finished, _, _ = path.walk(honest)
        assert (finished.returncode == 0) == (path.kind in served), finished
        assert bool(DATE.fullmatch(finished.stdout)) == (path.kind in served)
        assert counters(path.running)["DATE"] == (path.kind in served)


def check_secure(path, attack, recorded):
    """No attack on these leaves a session; nor more than flights of noise."""
    finished, said, _ = path.walk(attack, recorded)
    assert finished.returncode in (1, 4, 5, 6), finished
    assert finished.stdout == ""
    assert finished.stderr.startswith("[X] ")
    assert said[:8] == MAGIC[:len(said)]
    third = FLIGHT_BYTES[2] * (attack is cut_the_third_flight)
    assert len(said) <= FLIGHT_BYTES[0] + third


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_a_secure_client_gets_a_secure_session_or_none(paths, attack):
    def attacked(path):
        recorded = {}
        _, recorded["upwards"], recorded["downwards"] = path.walk(honest)
        before = counters(path.running)
        check_secure(path, attack, recorded)
        after = counters(path.running)
        assert after["DATE"] == before["DATE"], path.kind

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(attacked, paths(is_secure=True)))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_a_server_that_wants_secure_sessions_never_serves_over_xor(
        paths, attack):
    """But somebody with a key may ask on behalf of a client without."""
    def attacked(path):
        recorded = {}
        _, recorded["upwards"], recorded["downwards"] = path.walk(honest)
        before = counters(path.running)["DATE"]
        finished, said, _ = path.walk(attack, recorded)
        assert MAGIC not in said
        served = counters(path.running)["DATE"] - before
        if path.kind == "required":
            assert served == (attack is be_a_secure_client)
        elif path.kind != "any":
            assert served == 0

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(attacked, paths(is_secure=False)))


def test_a_recorded_session_cannot_be_had_again_from_any_server(paths):
    for path in paths(is_secure=True):
        _, upwards, _ = path.walk(honest)
        before = counters(path.running)["DATE"]
        with noise_peer.Client(path.running.address) as client:
            client.sock.sendall(upwards[:FLIGHT_BYTES[0]])
            client.receive_exactly(FLIGHT_BYTES[1])
            client.sock.sendall(upwards[FLIGHT_BYTES[0]:])
            assert client.ends_with_reset()
        assert counters(path.running)["DATE"] == before
