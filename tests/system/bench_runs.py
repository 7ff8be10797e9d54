# SPDX-License-Identifier: MIT
"""Runs of smx-bench: its numbers, and scripts for the servers it meets."""

import itertools
import json
import socket
import struct

import xor_peer
from programs import program, run

LATENCIES = ["p50_ms", "p75_ms", "p90_ms", "p99_ms", "p99.9_ms", "p99.99_ms",
             "max_ms"]


def bench(running, *arguments, **options):
    """Run it against that server, to its end."""
    return run("smx-bench", *arguments, *running.address, **options)


def numbers_of(finished):
    """What it reported as JSON; nothing else may be on stdout."""
    numbers = json.loads(finished.stdout)
    check_sense(numbers)
    return numbers


def measure(running, *arguments, status=0, **options):
    """Its numbers, after it ended with that status."""
    finished = bench(running, "--json", *arguments, **options)
    assert finished.returncode == status, finished
    return numbers_of(finished)


def check_sense(numbers):
    """What has to be true of all numbers, whatever was run."""
    failed = sum(numbers["connections_failed"].values())
    assert numbers["errors"] == failed + sum(
        numbers[name] for name in ("wrong_replies", "missing_replies",
                                   "never_sent"))
    assert numbers["completed"] == numbers["latency"][
        "key_exchange" if numbers["mode"] == "handshakes" else "request"][
            "count"]
    if not numbers["interrupted"]:
        assert numbers["cut_short"] == 0
    for latency in numbers["latency"].values():
        values = [latency[name] for name in LATENCIES]
        if not latency["count"]:
            assert values == [None] * len(values)
            assert latency["mean_ms"] is latency["deviation_ms"] is None
            continue
        assert values == sorted(values) and values[0] >= 0
        assert 0 <= latency["mean_ms"] <= latency["max_ms"]
        assert 0 <= latency["deviation_ms"] <= latency["max_ms"]


def accounted(numbers):
    """All requests that were to be made, by what has become of them."""
    return sum(numbers[name] for name in (
        "completed", "wrong_replies", "missing_replies", "never_sent"))


def in_turn(*scripts, session_class=xor_peer.Session):
    """A script for `xor_peer.Server`: one for each connection of the run.

    The connection that is made before the run is served.
    """
    places = itertools.count(-1)

    def script(session):
        place = next(places)
        if place < 0:
            session_class.serve(session)
        else:
            scripts[place % len(scripts)](session)

    return script


def replying(*replies, ending=None):
    """A script that replies just this, and then not, or does something."""
    def script(session):
        session.handshake()
        for reply in replies:
            session.receive_request()
            session.send(reply)
        if ending:
            session.receive_request()
            ending(session)
        while session.receive_request() not in (None, b"END"):
            pass

    return script


def silent(session):
    session.receive_until_end()


def close(session):
    session.sock.shutdown(socket.SHUT_RDWR)


def reset(session):
    session.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
    session.sock.close()


def command_line(running, *arguments):
    return [program("smx-bench"), *map(str, arguments),
            *map(str, running.address)]
