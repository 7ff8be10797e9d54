# SPDX-License-Identifier: MIT
"""How the server is called, and what it says when that is wrong."""

import pathlib
import signal
import socket

import pytest

from programs import SLACK, check_failure, give_up_low_ports, run

LOW_PORTS = pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


@pytest.mark.parametrize("option, value", [
    ("--port", "65536"), ("--port", "-1"), ("--port", "x"), ("--port", ""),
    ("--port", "80x"), ("--port", "0x50"), ("--port", "1e3"),
    ("--port", "99999999999999999999"), ("-p", "65536"),
    ("--port", " 80"), ("--port", "no-such-service"),
    ("--threads", "0"), ("--threads", "65"), ("--threads", "x"),
    ("--threads", "-1"), ("-t", "1.5"),
    ("--handshake-timeout", "x"), ("--handshake-timeout", "-1"),
    ("--handshake-timeout", ""), ("--handshake-timeout", "nan"),
    ("--idle-timeout", "x"), ("--idle-timeout", "-1"),
    ("--idle-timeout", "1s"), ("--idle-timeout", "inf"),
    ("--max-connections", "x"), ("--max-connections", "-1"),
    ("--color", "green")])
def test_a_bad_value_is_wrong_usage(option, value):
    check_failure(run("smx-server", option, value), 2,
                  "port" if option == "-p" else option.strip("-"))


@pytest.mark.parametrize("host, word", [
    ("127.0.0.1:65536", "'65536'"), ("127.0.0.1:", "port"), (":0", "host"),
    ("[::1", "[::1"), ("[::1]x", "[::1]x"), ("x" * 1025, "long")])
def test_a_bad_host_is_wrong_usage(host, word):
    check_failure(run("smx-server", "--host", host), 2, word)


@pytest.mark.parametrize("option", ["--nonsense", "-Z", "--no-quiet"])
def test_an_unknown_option_is_wrong_usage(option):
    check_failure(run("smx-server", option), 2, option.strip("-"))


def test_an_extra_argument_is_wrong_usage():
    check_failure(run("smx-server", "--port", 0, "extra"), 2, "extra")


@pytest.mark.parametrize("option", [
    "--port", "-p", "--threads", "-t", "--host", "--handshake-timeout",
    "--idle-timeout", "--max-connections", "--color"])
def test_a_missing_value_is_wrong_usage(option):
    check_failure(run("smx-server", option), 2, option.strip("-"))


def test_a_value_for_an_option_that_takes_none_is_wrong_usage():
    check_failure(run("smx-server", "--quiet=yes"), 2, "quiet")


@pytest.mark.parametrize("arguments", [
    ("--host", "127.0.0.1:0", "--port", "0"),
    ("-p", "1337", "--host", "[::1]:1337"),
    ("--port", "0", "-p", "0")])
def test_which_of_two_ports_was_meant_is_not_guessed(arguments):
    check_failure(run("smx-server", *arguments), 2, "--port")


@pytest.mark.parametrize("arguments, place", [
    (("--host", "203.0.113.1:25001"), "203.0.113.1:25001"),
    (("--host", "[2001:db8::1]:25001"), "[2001:db8::1]:25001"),
    (("--host", "2001:db8::1"), "[2001:db8::1]:1337"),
    (("--host", "[2001:db8::1]", "--port", "http"), "[2001:db8::1]:80"),
    (("--host", "203.0.113.1:http"), "203.0.113.1:80")])
def test_the_place_to_listen_is_one_word_or_two(arguments, place):
    """No machine has these addresses, which are for documentation."""
    check_failure(run("smx-server", *arguments), 1, f" {place}: ")


def test_an_address_in_use_is_an_error(server):
    port = server().port
    check_failure(run("smx-server", "--host", "127.0.0.1", "--port", port),
                  1, f"127.0.0.1:{port}")


def test_an_address_that_is_not_ours_is_an_error():
    check_failure(run("smx-server", "--host", "203.0.113.1", "--port", 0),
                  1, "203.0.113.1")


@pytest.mark.skipif(int(LOW_PORTS.read_text()) <= 1,
                    reason="no port is privileged here")
def test_a_privileged_port_is_an_error():
    finished = run("smx-server", "--host", "127.0.0.1", "--port", 1,
                   preexec=give_up_low_ports)
    check_failure(finished, 1, "127.0.0.1:1")


@pytest.mark.parametrize("host", ["does-not-exist.invalid", "1.2.3.4.5"])
def test_a_name_that_does_not_resolve_is_an_error(host):
    check_failure(run("smx-server", "--host", host, "--port", 0), 1, host)


@pytest.mark.parametrize("name", ["smx-server", "smx-client"])
def test_help_names_every_option_and_goes_to_stdout(name):
    finished = run(name, "--help")
    assert finished.returncode == 0
    assert finished.stderr == ""
    options = {"smx-server": ["--threads", "-t", "--host", "--port", "-p",
                              "--handshake-timeout", "--idle-timeout",
                              "--max-connections", "--quiet", "--color"],
               "smx-client": ["HOST", "PORT", "--timeout"]}[name]
    for option in options + ["--help", "--version"]:
        assert option in finished.stdout


@pytest.mark.parametrize("name", ["smx-server", "smx-client"])
def test_version_is_one_line_on_stdout(name):
    finished = run(name, "--version")
    assert finished.returncode == 0
    assert finished.stderr == ""
    line, = finished.stdout.splitlines()
    assert any(character.isdigit() for character in line)


@pytest.mark.parametrize("name", [
    "smx-server", "smx-client", "smx-keygen", "smx-bench"])
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_what_was_asked_for_and_cannot_be_written_is_an_error(name, option):
    finished = run(name, option,
                   wrapper=("sh", "-c", '"$@" >/dev/full', "sh"))
    check_failure(finished, 1, "Cannot write")


def test_the_default_port_is_1337():
    """Seen without needing it: somebody else may be using it."""
    assert "1337" in run("smx-server", "--help").stdout
    check_failure(run("smx-server", "--host", "203.0.113.1"), 1,
                  " 203.0.113.1:1337: ")


def test_a_port_is_free_again_as_soon_as_the_server_has_ended(
        server, connect):
    first = server()
    client = connect(first)
    assert client.ask(b"DATE")
    first.signal(signal.SIGTERM)        # who closes first keeps TIME_WAIT
    first.process.wait(2 + SLACK)
    client.close()
    second = server(port=first.port)
    assert connect(second).ask(b"DATE")


def test_two_servers_never_share_a_port(server):
    """Neither may get a connection that is meant for the other."""
    first = server("--threads", 2)
    check_failure(run("smx-server", "--host", "127.0.0.1", "-p", first.port),
                  1, f" 127.0.0.1:{first.port}: ")


def test_a_port_of_another_program_is_not_shared():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        check_failure(run("smx-server", "--host", "127.0.0.1", "-p", port), 1)
