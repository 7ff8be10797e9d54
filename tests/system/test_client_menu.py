# SPDX-License-Identifier: MIT
"""The client's menu: from a pipe to the letter, and on a terminal."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from bench_runs import close, reset
from programs import Output, environment, program, run
from xor_peer import PATIENCE, Session

ESTABLISHED = (r"\[#\] Connection established with 127\.0\.0\.1:(\d+) "
               r"from 127\.0\.0\.1:(\d+)\. Sum: (\d+)")
EXCHANGE = r"\[-\] Key exchange time: (\d+\.\d\d) ms"
MENU = ["Choose a command (only the number):", "1. get time", "2. get date",
        "3. get temperature", "4. reset connection", "5. exit",
        "6. print menu"]
RTT = r"\[-\] RTT: (\d+\.\d\d) ms"
RESPONSE = r"\[-\] Response from server: "
TIME = RESPONSE + r"\d\d:\d\d:\d\d\.\d{6}"
DATE = RESPONSE + r"\d{4}-\d\d-\d\d"
TEMP = RESPONSE + r"-?\d{1,3}"
EXIT = re.escape("[!] Exiting ...")
INVALID = re.escape("[!] Invalid option! try again.")
NO_NUMBER = re.escape("[!] Option not valid! try again.")

START = [ESTABLISHED, EXCHANGE, *map(re.escape, MENU)]
REPLIES = {"1": [TIME, RTT], "2": [DATE, RTT], "3": [TEMP, RTT],
           "4": [ESTABLISHED, EXCHANGE], "6": START[2:]}


def check(finished, *expected, status=0):
    """The client printed exactly these lines."""
    assert finished.stderr == ""
    assert finished.returncode == status
    lines = finished.stdout.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(expected), "\n".join(lines[:30])
    for line, pattern in zip(lines, expected):
        assert re.fullmatch(pattern, line)


def menu(running, *choices):
    return run("smx-client", *running.address,
               feed="".join(choice + "\n" for choice in choices))


def test_a_whole_visit_from_a_pipe(server):
    check(menu(server(), "1", "2", "3", "4", "1", "6", "5"),
          *START, TIME, RTT, DATE, RTT, TEMP, RTT, ESTABLISHED, EXCHANGE,
          TIME, RTT, *map(re.escape, MENU), EXIT)


def test_a_whole_visit_to_a_python_server(peer):
    running = peer()
    check(menu(running, "1", "2", "3", "5"),
          *START, TIME, RTT, DATE, RTT, TEMP, RTT, EXIT)
    session, = running.wait()
    assert session.requests == [b"TIME", b"DATE", b"TEMP", b"END"]


def test_the_sum_is_that_of_the_two_ports(server):
    running = server()
    finished = menu(running, "4", "5")
    for line in re.findall(ESTABLISHED, finished.stdout):
        to, own, total = map(int, line)
        assert to == running.port
        assert total == to + own
        running.output.expect(f"received from 127.0.0.1:{own}$")


@pytest.mark.parametrize("word, number", [
    ("time", "1"), ("date", "2"), ("temperature", "3"), ("temp", "3"),
    ("reset", "4"), ("help", "6")])
def test_words_work_like_numbers(server, word, number):
    check(menu(server(), word, "exit"), *START, *REPLIES[number], EXIT)


@pytest.mark.parametrize("number", ["0", "7", "9", "-1", "99999999999999999"])
def test_a_number_that_is_no_entry_is_invalid(server, number):
    check(menu(server(), number, "5"), *START, INVALID, EXIT)


@pytest.mark.parametrize("text", ["abc", "1x", "timer", "!", "1 2"])
def test_what_is_no_number_is_not_valid(server, text):
    check(menu(server(), text, "5"), *START, NO_NUMBER, EXIT)


@pytest.mark.parametrize("text", ["\0", "1\0", "\0001", "1\0x", "5 \0"])
def test_a_nul_makes_a_line_invalid(server, text):
    check(menu(server(), text, "5"), *START, NO_NUMBER, EXIT)


@pytest.mark.parametrize("length", [255, 256, 257, 258, 512, 100_000])
def test_a_long_line_is_one_line(server, length):
    check(menu(server(), "a" * length, "1", "5"),
          *START, NO_NUMBER, TIME, RTT, EXIT)
    check(run("smx-client", *server().address, feed="a" * length),
          *START, NO_NUMBER, EXIT)


def test_the_end_of_input_is_like_exit(server):
    check(menu(server()), *START, EXIT)
    check(run("smx-client", *server().address, feed="2\n2"),
          *START, DATE, RTT, DATE, RTT, EXIT)


def test_nothing_is_read_after_exit(server):
    check(menu(server(), "5", "1"), *START, EXIT)


@pytest.mark.parametrize("leave", [["5"], ["exit"], []])
def test_the_server_is_told_of_the_end(peer, leave):
    running = peer()
    menu(running, *leave)
    session, = running.wait()
    assert session.requests == [b"END"]


def test_a_reset_ends_one_session_and_starts_another(peer):
    running = peer()
    menu(running, "1", "4", "2", "5")
    first, second = running.wait()
    assert first.requests == [b"TIME", b"END"]
    assert second.requests == [b"DATE", b"END"]
    assert first.key != second.key


def test_the_key_exchange_time_lasts_to_the_third_flight(peer):
    class Slow(Session):
        def send_flight(self, flight_2):
            time.sleep(0.3)
            super().send_flight(flight_2)

    finished = menu(peer(session_class=Slow), "5")
    assert float(re.search(EXCHANGE, finished.stdout).group(1)) >= 300


def test_the_rtt_lasts_from_request_to_reply(peer):
    class Slow(Session):
        def answer(self, request):
            time.sleep(0.2)
            return super().answer(request)

    finished = menu(peer(session_class=Slow), "1", "3", "5")
    times = [float(rtt) for rtt in re.findall(RTT, finished.stdout)]
    assert len(times) == 2
    assert min(times) >= 200


def test_the_silence_that_ends_a_temperature_is_not_counted(server):
    finished = menu(server(), *["3"] * 20, "5")
    times = [float(rtt) for rtt in re.findall(RTT, finished.stdout)]
    assert len(times) == 20
    assert min(times) < 20


def test_ipv6_is_shown_in_brackets(server):
    try:
        running = server(host="::1")
    except pytest.fail.Exception:
        pytest.skip("no ::1 here")
    finished = menu(running, "5")
    assert re.match(r"\[#\] Connection established with "
                    rf"\[::1\]:{running.port} from \[::1\]:\d+\. Sum: \d+\n",
                    finished.stdout)


def test_lines_come_as_they_happen_even_into_a_pipe(server):
    client = subprocess.Popen(
        [program("smx-client"), *map(str, server().address)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
    with client:
        output = Output(client.stdout.fileno())
        output.expect(MENU[-1])
        for choice, pattern in ("1", TIME), ("2", DATE), ("3", TEMP):
            client.stdin.write(f"{choice}\n".encode())
            client.stdin.flush()
            output.expect(pattern)
        client.send_signal(signal.SIGINT)
        assert client.wait(PATIENCE) == 130


@pytest.mark.parametrize("where", ["/dev/full", "closed"])
@pytest.mark.parametrize("command", [[], ["time"]])
def test_what_cannot_be_written_is_1(server, where, command):
    redirection = ">&-" if where == "closed" else f">{where}"
    finished = run("smx-client", *server().address, *command, feed="1\n",
                   wrapper=("sh", "-c", f'"$@" {redirection}', "sh"))
    assert finished.returncode == 1
    line, = finished.stderr.splitlines()
    assert line.startswith("[X] Cannot write: ")


def test_a_stdout_that_does_not_block_is_waited_for(server):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    client = subprocess.Popen(
        [program("smx-client"), *map(str, server().address)],
        stdin=subprocess.PIPE, stdout=writer, env=environment())
    os.close(writer)
    with client, open(reader) as output:
        client.stdin.write(b"1\n" * 500 + b"5\n")
        client.stdin.close()
        time.sleep(0.5)     # so that it gets as far as the pipe does
        assert output.read().count("Response from server") == 500
        assert client.wait(PATIENCE) == 0


def test_a_visit_on_a_terminal(server, terminal):
    client = terminal(*server().address)
    client.expect(ESTABLISHED)
    client.expect(EXCHANGE)
    client.expect(re.escape("\n".join(MENU)))
    for choice in ("1", "2", "3", "4", "time", "reset", "6"):
        client.at_prompt().type(choice + "\n")
        number = {"time": "1", "reset": "4"}.get(choice, choice)
        for pattern in REPLIES[number]:
            client.expect("^" + pattern + "$")
    client.at_prompt().type("9\n")
    client.expect(INVALID)
    client.at_prompt().type("abc\n")
    client.expect(NO_NUMBER)
    client.at_prompt().type("5\n")
    client.expect(EXIT)
    assert client.wait() == 0


def test_end_of_input_on_a_terminal_is_like_exit(server, terminal):
    client = terminal(*server().address).at_prompt()
    client.type("\x04")
    client.expect(EXIT)
    assert client.wait() == 0


def test_a_typing_error_can_be_taken_back(server, terminal):
    client = terminal(*server().address).at_prompt()
    client.type("9\x7f2\n")
    client.expect(DATE)
    client.at_prompt().type("5\n")
    assert client.wait() == 0


@pytest.mark.parametrize("how", [close, reset])
@pytest.mark.parametrize("more, status", [("", 0), ("4\n", 3), ("1\n", 1)])
def test_an_idle_connection_that_the_server_ends_is_no_failure(
        peer, how, more, status):
    """What is asked for afterwards is one, if it comes to nothing."""
    def script(session):
        session.handshake()
        session.send(session.answer(session.receive_request()))
        running.listener.shutdown(socket.SHUT_RDWR)
        running.listener.close()
        how(session)

    running = peer(script)
    client = subprocess.Popen(
        [program("smx-client"), *map(str, running.address)],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    client.stdin.write("1\n")
    client.stdin.flush()
    assert "closed the connection" in client.stderr.readline()
    client.communicate(more, timeout=PATIENCE)
    assert client.returncode == status
