# SPDX-License-Identifier: MIT
"""The client with a command, its options, and the names it resolves."""

import os
import re
import subprocess

import pytest

from programs import program, run
from xor_peer import Server

FORM = {"time": r"\d\d:\d\d:\d\d\.\d{6}", "date": r"\d{4}-\d\d-\d\d",
        "temperature": r"-?\d{1,3}", "temp": r"-?\d{1,3}"}


def check_failure(finished, status):
    assert finished.returncode == status, finished.stderr
    assert finished.stdout == ""
    line, = finished.stderr.splitlines()
    assert line


@pytest.mark.parametrize("command", FORM)
def test_a_command_prints_the_bare_value(server, command):
    finished = run("smx-client", *server().address, command)
    assert finished.stderr == ""
    assert finished.returncode == 0
    assert re.fullmatch(FORM[command] + "\n", finished.stdout)


@pytest.mark.parametrize("command, word", [
    ("time", b"TIME"), ("date", b"DATE"), ("temperature", b"TEMP")])
def test_a_command_is_one_request_and_the_end(peer, command, word):
    running = peer()
    finished = run("smx-client", *running.address, command)
    assert re.fullmatch(FORM[command] + "\n", finished.stdout)
    session, = running.wait()
    assert session.requests == [word, b"END"]


def test_a_command_reads_no_input(server):
    finished = run("smx-client", *server().address, "date", feed="1\n2\n")
    assert re.fullmatch(FORM["date"] + "\n", finished.stdout)


@pytest.mark.parametrize("arguments", [
    [], ["127.0.0.1"], ["127.0.0.1", "1", "time", "date"],
    ["127.0.0.1", "65536"], ["127.0.0.1", "x"], ["127.0.0.1", "0"],
    ["127.0.0.1", "-1"], ["127.0.0.1", ""], ["127.0.0.1", "1", "tome"],
    ["127.0.0.1", "1", "--nonsense"], ["--timeout", "x", "127.0.0.1", "1"],
    ["--timeout", "-1", "127.0.0.1", "1"], ["127.0.0.1", "1", "--timeout"]],
    ids=" ".join)
def test_wrong_usage_is_one_line_and_2(arguments):
    check_failure(run("smx-client", *arguments), 2)


@pytest.mark.parametrize("name", ["xor", "XOR", "noise"])
def test_an_exchange_is_chosen_by_its_name(server, tmp_path, name):
    keys = [] if name.lower() == "xor" else [
        "--trust-new", "--known-servers", str(tmp_path / "known"),
        "--identity", str(tmp_path / "key")]
    finished = run("smx-client", "--exchange", name, *keys, *server().address,
                   "date")
    assert finished.stderr == ""
    assert re.fullmatch(FORM["date"] + "\n", finished.stdout)


def test_an_unknown_exchange_is_answered_with_those_there_are():
    finished = run("smx-client", "--exchange", "rot13", "localhost", "1337",
                   "time")
    check_failure(finished, 2)
    assert "'rot13' is not xor|noise" in finished.stderr


def test_an_address_may_be_given_as_it_is_shown(server):
    running = server()
    for address in ("[127.0.0.1]", running.port), ("127.0.0.1",
                                                   f"0000{running.port}"):
        finished = run("smx-client", *address, "date")
        assert re.fullmatch(FORM["date"] + "\n", finished.stdout)


def test_a_name_that_does_not_resolve_is_3():
    finished = run("smx-client", "does-not-exist.invalid", 1337, "time")
    check_failure(finished, 3)
    assert finished.stderr.startswith("[X] ")
    assert "does-not-exist.invalid" in finished.stderr


def test_a_name_may_be_given(server):
    running = server(host="localhost")
    finished = run("smx-client", "localhost", running.port, "date")
    assert finished.returncode == 0
    assert finished.stdout


def with_hosts(tmp_path, *addresses):
    """What runs a program where the name smx.test has these addresses."""
    hosts = tmp_path / "hosts"
    hosts.write_text("".join(f"{address} smx.test\n" for address in addresses))
    who = [] if os.geteuid() == 0 else ["--map-root-user"]
    wrapper = ["unshare", "--mount", *who, "sh", "-c",
               'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]
    try:
        found = subprocess.run([*wrapper, "getent", "ahosts", "smx.test"],
                               capture_output=True, text=True, timeout=10)
    except OSError:
        pytest.skip("no unshare here")
    if not all(address in found.stdout for address in addresses):
        pytest.skip("no name with several addresses can be had here")
    return wrapper


@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.3", "127.0.0.4"])
def test_every_address_of_a_name_is_tried(tmp_path, peer, host):
    wrapper = with_hosts(tmp_path, "127.0.0.2", "127.0.0.3", "127.0.0.4")
    running = peer(host=host)
    finished = run("smx-client", "smx.test", running.address[1],
                   wrapper=wrapper, feed="1\n5\n")
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert f"established with {host}:{running.address[1]}" in finished.stdout


def test_ipv4_is_tried_after_ipv6(tmp_path, peer):
    wrapper = with_hosts(tmp_path, "::1", "127.0.0.1")
    finished = run("smx-client", "smx.test", peer().address[1], "date",
                   wrapper=wrapper)
    assert finished.returncode == 0
    assert re.fullmatch(FORM["date"] + "\n", finished.stdout)


def test_that_no_address_answers_is_said_once(tmp_path):
    wrapper = with_hosts(tmp_path, "127.0.0.2", "127.0.0.3")
    unused = Server()
    unused.close()
    finished = run("smx-client", "smx.test", unused.address[1], "date",
                   wrapper=wrapper)
    check_failure(finished, 3)


def test_the_client_works_where_stdout_is_closed(server):
    """It may complain, but it neither hangs nor crashes."""
    finished = run("smx-client", *server().address, "date",
                   preexec=lambda: os.close(1))
    assert finished.returncode in (0, 1)


@pytest.mark.parametrize("closed, arguments, status", [
    ("<&-", "", 0),             # the end of the input: as 5
    (">&-", "time", 1),         # nowhere to put the reply
    ("2>&-", "time", 0)])
def test_a_closed_stream_is_not_taken_for_the_socket(
        server, closed, arguments, status):
    running = server()
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" 127.0.0.1 {running.port} {arguments} {closed}',
         program("smx-client")], capture_output=True, timeout=20)
    assert done.returncode == status
    running.wait_for_counter("END", 1)
    assert running.counters()["unknown"] == 0
