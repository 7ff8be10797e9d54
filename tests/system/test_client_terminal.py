# SPDX-License-Identifier: MIT
"""The client on a terminal: colours, keys, servers that come and go."""

import fcntl
import os
import pathlib
import re
import signal
import struct
import subprocess
import termios
import time

import pytest

from programs import ESCAPE, SLACK, environment, program, run, wait_until


def leave(running):
    running.signal(signal.SIGTERM)
    running.process.wait(2 + SLACK)


def colour(mark, text):
    """The parameters of what colours the first line with this mark."""
    before = re.search(rf"((?:\x1b\[[\d;]*m)+)\[{mark}\] ", text).group(1)
    return set(re.findall(r"\d+", before)) - {"0"}


def test_lines_are_coloured_on_a_terminal(server, terminal):
    client = terminal(*server().address).at_prompt()
    client.type("5\n")
    assert client.wait() == 0
    assert colour("#", client.output.raw) == {"1", "32"}    # bold, green
    assert colour("-", client.output.raw) == {"1", "36"}    # bold, cyan
    assert colour("!", client.output.raw) == {"1", "33"}    # bold, yellow


def test_lines_are_not_coloured_if_so_wished_or_elsewhere(server, terminal):
    address = server().address
    for client in (terminal(*address, NO_COLOR="1"),
                   terminal("--color", "never", *address)):
        client.at_prompt().type("5\n")
        assert client.wait() == 0
        assert not re.search(r"m\[.\] ", client.output.raw)
    finished = run("smx-client", *address, feed="1\n5\n")
    assert not ESCAPE.search(finished.stdout)
    finished = run("smx-client", "--color", "always", *address, feed="5\n")
    assert colour("#", finished.stdout) == {"1", "32"}


def test_the_last_line_can_be_had_again(server, terminal):
    client = terminal(*server().address).at_prompt()
    if client.is_line_by_line():
        pytest.skip("built without line editing")
    client.type("2\n")
    client.expect("Response from server: ")
    client.at_prompt().type("\x1b[A\n")
    client.expect("Response from server: ")
    client.at_prompt().type("5\n")
    assert client.wait() == 0


@pytest.mark.parametrize("stray", [
    b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xff", b"\x80", b"\xc3\xc3\xe2",
    b"1\xc3", b"\xe2\x821", b"\0", b"1\0"])
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_a_stray_byte_makes_a_line_invalid_and_does_not_swallow_its_end(
        server, terminal, locale, stray):
    client = terminal(*server().address, LC_ALL=locale).at_prompt()
    if client.is_line_by_line():
        pytest.skip("built without line editing")
    os.write(client.master, stray + b"\n")
    client.expect(r"Option not valid! try again\.")
    client.at_prompt().type("5\n")
    assert client.wait() == 0


def test_ctrl_c_at_the_prompt_leaves_with_130(server, terminal):
    client = terminal(*server().address).at_prompt()
    client.type("\x03")
    assert client.wait() == 130


def test_ctrl_c_within_a_line_leaves_with_130(server, terminal):
    client = terminal(*server().address).at_prompt()
    client.type("tim")
    client.expect("tim")
    client.type("\x03")
    assert client.wait() == 130


def test_ctrl_c_while_a_reply_is_awaited_leaves_with_130(peer, terminal):
    running = peer(lambda session: (session.handshake(),
                                    session.receive_until_end()))
    client = terminal(*running.address).at_prompt()
    client.type("1\n")
    client.expect("1")
    client.type("\x03")
    assert client.wait() == 130


def test_ctrl_c_in_the_exchange_leaves_with_130(peer, terminal):
    reached = []
    running = peer(lambda session: (reached.append(session.receive_flight()),
                                    session.receive_until_end()))
    client = terminal(*running.address)
    wait_until(lambda: reached, "the first flight")
    client.type("\x03")
    assert client.wait() == 130


@pytest.mark.parametrize("number", [
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_though_the_terminal_is_stopped(
        server, terminal, number):
    client = terminal(*server().address).at_prompt()
    child = client.client()
    termios.tcflow(client.slave, termios.TCOOFF)    # as Ctrl-S does
    os.kill(child, number)
    wait_until(lambda: not pathlib.Path(f"/proc/{child}").exists(), "the end")
    termios.tcflow(client.slave, termios.TCOON)
    assert client.wait() == 128 + number


def test_a_signal_that_was_ignored_stays_so(server):
    client = subprocess.Popen(
        [program("smx-client"), *map(str, server().address)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    with client:
        client.stdout.readline()
        client.send_signal(signal.SIGHUP)
        assert client.communicate("2\n5\n")[0].count("Response") == 1
    assert client.returncode == 0


def test_line_editing_is_back_after_a_stop(server, terminal):
    client = terminal(*server().address).at_prompt()
    if client.is_line_by_line():
        pytest.skip("built without line editing")
    client.type("4x")
    client.expect("4x")
    os.kill(client.client(), signal.SIGSTOP)
    # What a shell does that gets its terminal back.
    termios.tcsetattr(client.slave, termios.TCSANOW, client.modes)
    os.kill(client.client(), signal.SIGCONT)
    client.expect("> 4x")
    assert not client.is_line_by_line()
    client.type("\x01\x0b2\n")     # to the front, cut to the end
    client.expect("Response from server: ")
    client.at_prompt().type("5\n")
    assert client.wait() == 0


def test_a_line_is_drawn_anew_when_the_window_changes(server, terminal):
    client = terminal(*server().address).at_prompt()
    if client.is_line_by_line():
        pytest.skip("built without line editing")
    client.type("help")
    client.expect("help")
    fcntl.ioctl(client.master, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, 40, 0, 0))
    client.expect("> help")
    client.type("\n")
    client.expect("6. print menu")
    client.at_prompt().type("5\n")
    assert client.wait() == 0


def test_a_lost_server_is_noticed_at_the_prompt_and_can_come_back(
        server, terminal):
    running = server()
    client = terminal(*running.address).at_prompt()
    leave(running)
    client.expect(r"^.*\[X\] .*$")
    client.at_prompt()
    again = server(port=running.port)
    client.type("4\n")
    client.expect(rf"^\[#\] Connection established with \S+:{again.port} ")
    client.at_prompt().type("1\n")
    client.expect(r"^\[-\] Response from server: \d\d:\d\d:")
    client.at_prompt().type("5\n")
    client.expect(r"^\[!\] Exiting \.\.\.$")
    assert client.wait() == 0
    assert client.output.text.count("[X]") == 1


def test_what_was_typed_survives_the_loss_of_the_server(server, terminal):
    running = server()
    client = terminal(*running.address).at_prompt()
    client.type("exi")
    client.expect("exi")
    leave(running)
    client.expect(r"\[X\] .*$")
    client.type("t\n")
    client.expect(r"^\[!\] Exiting \.\.\.$")
    assert client.wait() == 0


@pytest.mark.parametrize("choice", ["1", "2", "3"])
def test_without_a_server_commands_fail_but_the_menu_stays(
        server, terminal, choice):
    running = server()
    client = terminal(*running.address).at_prompt()
    leave(running)
    client.expect(r"\[X\] .*$")
    for command in (choice, "4"):
        client.at_prompt().type(command + "\n")
        client.expect(r"\[X\] .*$")
    client.at_prompt().type("6\n")
    client.expect("6. print menu")
    client.at_prompt().type("5\n")
    assert client.wait() == 1


def test_a_refused_client_leaves_the_terminal_as_it_was(server, terminal):
    running = server()
    leave(running)
    client = terminal(*running.address)
    client.expect(r"\[X\] .*$")
    assert client.wait() == 3


def test_what_is_left_before_the_next_request_breaks_the_protocol(
        peer, terminal):
    sent = []

    def script(session):
        session.handshake()
        session.receive_request()
        session.send(b"2024-02-29")
        time.sleep(0.1)
        session.send(b"2024-02-29")     # which nobody has asked for
        sent.append(True)
        session.receive_until_end()

    client = terminal(*peer(script).address).at_prompt()
    client.type("2\n")
    client.expect("server: 2024-02-29")
    client.at_prompt()
    wait_until(lambda: sent, "what is left")
    client.type("2\n")
    client.expect(r"\[X\] .*$")
    client.type("5\n")
    assert client.wait() == 5
