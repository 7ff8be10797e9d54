# SPDX-License-Identifier: MIT
"""What a flood of connections leaves behind: lines of the log."""

import re
import signal
import socket
import struct
import time

import pytest

from noise_peer import MAGIC
from xor_peer import draw

VISITS = 4000
LINES_AT_ONCE, LINES_A_SECOND, LINE_BYTES = 200, 10, 80
OWN_BYTES = 512     # the server's own lines, and the last report
LINE = re.compile(r"\[[*!#X-]\] [ -~]+")
SENT = [b"", MAGIC + bytes(32), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x1b]0;rm -rf\x07\x1b[2J\n[*] Server stopped\r\n%s%n\0" * 4,
        draw(128), MAGIC[:4], bytes(range(256))]


def visit(address, number):
    """Connect, say something, and hang up, every other time rudely."""
    with socket.create_connection(address, 10) as sock:
        try:
            sock.sendall(SENT[number % len(SENT)])
        except ConnectionError:
            pass
        if number % 2:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))


def not_logged(text):
    """The sums of what the reports count, by name."""
    sums = {}
    for report in re.findall(r"^\[!\] Not logged: (.*)$", text, re.M):
        for part in report.split(", "):
            number, name = part.split(" ", 1)
            sums[name] = sums.get(name, 0) + int(number)
    return sums


@pytest.mark.parametrize("options", [["-t", "1"], ["-t", "4", "--quiet"]])
def test_a_flood_leaves_few_lines_and_the_numbers_of_all_others(
        server, options):
    running = server(*options)
    begin = time.monotonic()
    for number in range(VISITS):
        visit(running.address, number)
    counters = running.wait_for_counter("now", 0) and running.counters()
    running.output.expect(r"^\[!\] Not logged: ")
    running.signal(signal.SIGTERM)
    running.output.expect(r"^\[!\] Server stopped.*$")
    seconds = time.monotonic() - begin
    text = running.output.text
    assert all(LINE.fullmatch(line) for line in running.output.lines)
    assert len(text) < OWN_BYTES + LINE_BYTES * (
        LINES_AT_ONCE + LINES_A_SECOND * (seconds + 1))
    left_out = not_logged(text)
    for name, line in [("received", "Connection received from "),
                       ("ended", "Connection ended with ")]:
        assert text.count(line) + left_out.get(name, 0) == (
            0 if "--quiet" in options else VISITS)
    for reason in ["protocol error", "hung up during the key exchange"]:
        logged = len(re.findall(rf"^\[!\] Refused \S+: {reason}$", text, re.M))
        assert logged + left_out.get(reason, 0) == counters[reason] > 0


def test_after_a_flood_lines_come_again(server, connect):
    running = server("--threads", 1)
    for number in range(LINES_AT_ONCE):
        visit(running.address, number)
    running.wait_for_counter("now", 0)
    running.output.expect(r"^\[!\] Not logged: ")
    time.sleep(3 / LINES_A_SECOND)
    address = "%s:%u" % connect(running).sock.getsockname()
    running.output.expect(rf"^\[-\] Connection received from {address}$")
