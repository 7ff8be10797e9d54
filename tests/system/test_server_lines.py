# SPDX-License-Identifier: MIT
"""What the server prints: lines, counters, colours, and where nobody reads."""

import os
import re
import signal
import socket
import struct

import pytest

from programs import ESCAPE
from xor_peer import ERROR

COLOUR = {"*": "34", "-": "36", "!": "33"}      # blue, cyan, yellow


def can_bind(host):
    try:
        socket.create_server((host, 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not can_bind("::1"), reason="no ::1 here")


def test_start_line_says_threads_address_and_port(server):
    running = server("--threads", 2)
    assert running.start_line == (
        "[*] Server started with 2 threads and it's listening on "
        f"127.0.0.1:{running.port}...")
    assert running.port > 0


def test_there_are_eight_threads_by_default(server):
    assert " with 8 threads " in server().start_line


@pytest.mark.parametrize("count", [1, 64])
def test_as_many_threads_as_asked_for(server, connect, count):
    running = server("-t", count)
    assert f" with {count} thread" in running.start_line
    assert running.threads() >= count
    assert connect(running).ask(b"DATE")


def test_port_may_be_chosen(server, connect):
    port = server().port + 1
    while True:
        try:
            socket.create_server(("127.0.0.1", port)).close()
            break
        except OSError:
            port += 1
    running = server(port=port)
    assert running.port == port
    assert connect(running).ask(b"DATE")


@needs_ipv6
def test_ipv6_is_shown_in_brackets(server, connect):
    running = server(host="::1")
    assert f"listening on [::1]:{running.port}..." in running.start_line
    client = connect(running)
    assert client.ask(b"DATE")
    running.output.expect(
        rf"^\[-\] Connection received from \[::1\]:{client.address[1]}$")


def test_host_may_be_a_name(server, connect):
    running = server(host="localhost")
    assert running.address[0] in ("127.0.0.1", "::1")
    assert connect(running).ask(b"DATE")


def test_all_addresses_are_served_by_default(server, connect):
    running = server(host="0.0.0.0")
    assert f"listening on 0.0.0.0:{running.port}..." in running.start_line
    running.address = ("127.0.0.2", running.port)
    assert connect(running).ask(b"DATE")


def test_each_connection_gets_two_lines_as_it_happens(server, connect):
    running = server()
    client = connect(running)
    address = rf"127\.0\.0\.1:{client.address[1]}"
    running.output.expect(rf"^\[-\] Connection received from {address}$")
    assert "ended" not in running.output.text
    client.send(b"END")
    running.output.expect(rf"^\[!\] Connection ended with {address}$")


def test_quiet_leaves_out_the_lines_of_connections(server, connect):
    running = server("--quiet")
    connect(running).close()
    assert running.wait_for_counter("now", 0)
    assert "Connection" not in running.output.text


def test_counters_say_what_has_been_asked(server, connect):
    running = server()
    assert set(running.counters().values()) == {0}
    for asked in (b"TIME", b"TIME", b"DATE", b"?"), (b"TIME", b"TEMP"):
        client = connect(running)
        for request in asked:
            client.ask(request)
    leaving = connect(running)
    leaving.send(b"END")
    assert leaving.ended_within(5)
    leaving.close()
    running.wait_for_counter("now", 2)
    expected = {"now": 2, "in all": 3, "TIME": 3, "DATE": 1, "TEMP": 1,
                "END": 1, "unknown": 1, "too many connections": 0,
                "handshake timeout": 0,
                "idle timeout": 0, "stalled": 0, "protocol error": 0}
    assert running.counters().items() >= expected.items()


@pytest.mark.parametrize("sent", [0, 100, 128])
@pytest.mark.parametrize("linger", [None, 0])
def test_a_session_that_breaks_off_in_a_flight_is_counted(
        server, connect, sent, linger):
    running = server()
    client = connect(running, handshake=False)
    client.sock.sendall(client.flight_1()[:sent])
    if sent == 128:
        client.receive_flight()
    if linger is not None:      # it resets instead of ending its stream
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, linger))
    client.close()
    running.wait_for_counter("hung up during the key exchange", 1)


def colours(line):
    """The parameters of what colours the line, or None if nothing does."""
    match = re.match(r"((?:\x1b\[[\d;]*m)+)\[.\] .*\x1b\[0?m\s*$", line)
    return match and set(re.findall(r"\d+", match.group(1))) - {"0"}


def check_colours(running, connect):
    connect(running).close()
    running.output.expect("Connection ended.*\n")
    lines = running.output.raw.splitlines()
    assert len(lines) >= 3
    for line in lines:
        mark = ESCAPE.sub("", line)[1]
        assert colours(line) == {"1", COLOUR[mark]}, line


def test_on_a_terminal_lines_are_coloured(server, connect):
    check_colours(server(stdout="terminal"), connect)


def test_colours_can_be_had_always(server, connect):
    check_colours(server("--color", "always"), connect)


@pytest.mark.parametrize("arguments, how", [
    ([], {}), (["--color", "auto"], {}), (["--color", "never"], {}),
    (["--color", "never"], {"stdout": "terminal"}),
    ([], {"stdout": "terminal", "NO_COLOR": "1"})])
def test_there_are_no_colours_elsewhere(server, connect, arguments, how):
    running = server(*arguments, **how)
    connect(running).close()
    running.output.expect("Connection ended.*\n")
    assert "\x1b" not in running.output.raw


def test_a_stdout_nobody_reads_stalls_nobody(server, connect):
    """Filled by the operator, since peers cause too few lines for that."""
    running = server(stdout="unread")
    client = connect(running)
    for _ in range(3000):
        running.signal(signal.SIGUSR1)
        assert client.ask(b"DATE")
    assert client.ask(b"?") == ERROR

    running.start_reading()
    lost = int(running.output.expect(r"(\d+) log lines dropped").group(1))
    assert lost > 0
    client.send(b"END")
    address = rf"127\.0\.0\.1:{client.address[1]}"
    running.output.expect(rf"^\[!\] Connection ended with {address}$")
    for line in running.output.lines:
        assert re.fullmatch(
            r"\[\*\] (Public key|Requests|Refused): .*|"
            r"\[\*\] Sessions: 1 now, 1 in all|"
            r"\[!\] \d+ log lines dropped: output was not being read|"
            r"\[-\] Connection received from [\d.]+:\d+|"
            r"\[!\] Connection ended with [\d.]+:\d+", line)



def test_a_stdout_that_is_closed_stops_nobody(server, connect):
    running = server(stdout="unread")
    os.close(running.reader)
    for _ in range(10):
        assert connect(running).ask(b"DATE")
