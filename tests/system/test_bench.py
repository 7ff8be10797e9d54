# SPDX-License-Identifier: MIT
"""The load generator and the server: both count, and have to agree."""

import re

import pytest

import noise_peer
from bench_runs import bench, measure, numbers_of
from programs import run

REQUESTS = ("TIME", "DATE", "TEMP", "unknown")


def asked(running):
    """What the server was asked: TIME, DATE, TEMP, anything else."""
    counters = running.counters()
    return tuple(counters[name] for name in REQUESTS)


def key_of(running):
    return running.output.expect(r"Public key: (\S+)$").group(1)


def test_a_closed_loop_counts_what_the_server_answered(server):
    running = server()
    numbers = measure(running, "-c", 3, "-t", 2, "-d", 0.3)
    assert numbers["mode"] == "closed loop"
    assert numbers["exchange"] == "xor"
    assert numbers["server"] == "%s:%d" % running.address
    assert (numbers["connections"], numbers["threads"]) == (3, 2)
    assert (numbers["depth"], numbers["command"]) == (1, "time")
    assert numbers["completed"] > 0 and numbers["errors"] == 0
    assert asked(running) == (numbers["completed"], 0, 0, 0)
    assert numbers["sessions_opened"] == 3
    assert numbers["latency"]["connect"]["count"] == 3
    assert numbers["latency"]["key_exchange"]["count"] == 3
    assert numbers["counted_s"] >= 0.3
    assert numbers["achieved_per_s"] == pytest.approx(
        numbers["completed"] / numbers["counted_s"])
    assert "request_uncorrected" not in numbers["latency"]


@pytest.mark.parametrize("options", [
    ["-c", 1, "-n", 1], ["-c", 64, "-n", 1], ["-c", 8, "-t", 8, "-n", 3],
    ["-c", 5, "-t", 3, "-n", 1000], ["-c", 2, "-P", 32, "-n", 1000],
    ["-c", 4, "-t", 2, "-n", 100, "--rate", 5000],
    ["-c", 2, "-n", 100, "--rate", 5000, "-P", 8]])
def test_so_many_requests_are_asked_and_no_more(server, options):
    running = server()
    numbers = measure(running, *options)
    wanted = options[options.index("-n") + 1]
    assert (numbers["completed"], numbers["errors"]) == (wanted, 0)
    assert asked(running) == (wanted, 0, 0, 0)


@pytest.mark.parametrize("command, kinds", [
    ("TIME", (30, 0, 0, 0)), ("date", (0, 30, 0, 0)), ("Temp", (0, 0, 30, 0)),
    ("mix", (10, 10, 10, 0))])
def test_the_command_decides_what_is_asked(server, command, kinds):
    running = server()
    numbers = measure(running, "-c", 6, "-n", 30, "--command", command)
    assert numbers["completed"] == 30
    assert asked(running) == kinds


def test_the_silence_behind_a_temperature_is_in_no_latency(server):
    finished = bench(server(), "--json", "-c", 1, "-n", 5,
                     "--command", "temp")
    numbers = numbers_of(finished)
    assert numbers["counted_s"] > 4 * 0.02
    assert "20 ms of silence" in finished.stderr


@pytest.mark.parametrize("command", ["temp", "mix"])
def test_over_xor_a_temperature_is_not_pipelined(server, command):
    running = server()
    finished = bench(running, "-P", 2, "--command", command)
    assert finished.returncode == 2 and finished.stdout == ""
    assert re.search(rf"over xor, '{command}' cannot be .* --secure",
                     finished.stderr)
    assert running.counters()["in all"] == 0
    numbers = measure(running, "-P", 9, "--command", command, "-c", 2,
                      "-n", 60, "--secure", "--server-key", key_of(running))
    assert numbers["completed"] == 60


@pytest.mark.parametrize("options", [[], ["--rate", 500]])
def test_the_warm_up_is_not_counted(server, options):
    running = server()
    numbers = measure(running, "-c", 2, "-n", 20, "--warmup", 0.5, *options)
    assert (numbers["completed"], numbers["warmup_s"]) == (20, 0.5)
    for latency in ("request", "request_uncorrected")[:1 + len(options) // 2]:
        assert numbers["latency"][latency]["count"] == 20
    assert asked(running)[0] > 20


def test_an_open_loop_keeps_its_schedule(server):
    numbers = measure(server(), "-c", 4, "-n", 60, "--rate", 200)
    assert numbers["mode"] == "open loop"
    assert numbers["offered_per_s"] == 200
    assert (numbers["completed"], numbers["behind_schedule"]) == (60, 0)
    assert numbers["counted_s"] >= 59 / 200
    corrected = numbers["latency"]["request"]
    uncorrected = numbers["latency"]["request_uncorrected"]
    assert corrected["count"] == uncorrected["count"] == 60
    for name in ("p50_ms", "p90_ms", "p99_ms", "max_ms"):
        assert corrected[name] >= uncorrected[name]


@pytest.mark.parametrize("rate, seconds, threads", [
    (1, 0.1, 1), (500, 0.1, 2)])
def test_all_of_the_schedule_leaves(server, rate, seconds, threads):
    running = server()
    numbers = measure(running, "-c", 8, "-t", threads, "-d", seconds,
                      "--rate", rate)
    due = max(1, round(rate * seconds))
    assert numbers["completed"] + numbers["behind_schedule"] == due
    assert numbers["errors"] == 0
    assert asked(running)[0] == numbers["completed"]


def test_a_schedule_that_cannot_be_kept_is_said_to_be(server):
    running = server()
    options = ["-c", 2, "-t", 2, "-d", 0.2, "--rate", 10000000]
    numbers = measure(running, *options)
    assert numbers["completed"] + numbers["behind_schedule"] == 2000000
    assert numbers["behind_schedule"] > 0
    assert numbers["achieved_per_s"] < numbers["offered_per_s"]
    finished = bench(running, *options)
    assert finished.returncode == 0
    assert re.search(r"^\[!\] The schedule was not kept: 10000000.0 per second "
                     r"offered, [\d.]+ achieved\n"
                     r"\[!\] \d+ scheduled requests were never sent", finished.stderr, re.M)
    assert "offered      10000000.0 per second" in finished.stdout


@pytest.mark.parametrize("secure", [False, True])
def test_handshakes_are_whole_sessions(server, secure):
    running = server()
    options = ["--secure", "--server-key", key_of(running)] if secure else []
    numbers = measure(running, "--handshakes", "-c", 4, "-t", 2, "-n", 40,
                      *options)
    assert numbers["mode"] == "handshakes"
    assert "command" not in numbers and "depth" not in numbers
    assert (numbers["completed"], numbers["errors"]) == (40, 0)
    assert set(numbers["latency"]) == {"connect", "key_exchange"}
    assert numbers["latency"]["connect"]["count"] == 40
    counters = running.wait_for_counter("END", 41)
    counters = running.counters()
    assert counters["in all"] == 41     # and the one before the run
    assert counters["protocol error"] == 0
    assert counters["hung up during the key exchange"] == 0


def test_handshakes_begin_at_once_and_last_as_long_as_asked(server):
    numbers = measure(server(), "--handshakes", "-c", 2, "-d", 0.05)
    assert numbers["completed"] > 0
    assert numbers["counted_s"] >= 0.05


@pytest.mark.parametrize("options", [
    [], ["--rate", 1000], ["--handshakes"]])
def test_the_load_generator_reports_its_own_cpu_share(server, options):
    numbers = measure(server(), "-c", 2, "-d", 0.2, *options)
    assert 0 < numbers["tester_cpu_share"] < 1.2


def test_waiting_costs_no_processor_time(server):
    numbers = measure(server(), "-c", 2, "-d", 0.25, "--rate", 8)
    assert numbers["tester_cpu_share"] < 0.5


def test_connections_come_from_the_sources_in_turn(server):
    running = server()
    sources = ["127.0.0.3", "127.0.0.4", "127.0.0.5"]
    numbers = measure(running, "-c", 7, "-t", 2, "-n", 20,
                      "--source", ",".join(sources))
    assert numbers["errors"] == 0
    found = re.findall(r"Connection received from (\S+):", running.output.text)
    assert [found.count(one) for one in ["127.0.0.1", *sources]] == [
        1, 3, 2, 2]


def test_ipv6_is_measured_as_well(server):
    running = server(host="::1")
    numbers = measure(running, "-c", 2, "-n", 10, "--source", "::1")
    assert numbers["completed"] == 10
    assert numbers["server"] == f"[::1]:{running.port}"


@pytest.mark.parametrize("source", [
    "localhost", "127.0.0.1,", "::1", "127.0.0.1,192.0.2.1",
    ",".join(["127.0.0.1"] * 65)])
def test_a_source_that_will_not_do_is_2(server, source):
    finished = bench(server(), "--source", source)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert re.fullmatch(r"\[X\] .*\n", finished.stderr)


def test_an_unknown_server_is_refused_unless_trusted(server, tmp_path):
    running = server()
    home = {"HOME": str(tmp_path)}
    finished = bench(running, "--secure", "-n", 9, **home)
    assert (finished.returncode, finished.stdout) == (6, "")
    numbers = measure(running, "--secure", "-n", 9, "--trust-new", **home)
    assert (numbers["completed"], numbers["exchange"]) == (9, "noise")
    assert measure(running, "--secure", "-n", 9, **home)["completed"] == 9
    assert (tmp_path / ".local" / "state" / "smx" / "client.key").exists()


def test_a_server_with_another_key_is_refused(server):
    other = noise_peer.text_of(noise_peer.new_identity())
    finished = bench(server(), "--secure", "--server-key", other)
    assert (finished.returncode, finished.stdout) == (6, "")


@pytest.mark.parametrize("options", [[], ["--handshakes"]])
def test_who_is_not_on_the_servers_list_is_refused(server, tmp_path, options):
    listed, other = noise_peer.new_identity(), noise_peer.new_identity()
    file = tmp_path / "authorized"
    file.write_text(noise_peer.text_of(listed) + "\n")
    running = server("--authorized-keys", file)
    for identity, status in (listed, 0), (other, 6):
        key = noise_peer.save_identity(identity, tmp_path / f"{status}.key")
        finished = bench(running, "--secure", "--server-key", key_of(running),
                         "--identity", key, "-n", 5, *options)
        assert finished.returncode == status, finished
    assert running.counters()["key not authorized"] == 1


def test_an_identity_that_cannot_be_used_is_6(server, tmp_path):
    key = tmp_path / "key"
    key.write_text("no key\n")
    finished = bench(server(), "--secure", "--trust-new", "--identity", key)
    assert (finished.returncode, finished.stdout) == (6, "")


@pytest.mark.parametrize("words", [
    [], ["127.0.0.1"], ["127.0.0.1", 1, 2], ["-c", 0, "h", 1],
    ["-c", 1000001, "h", 1], ["-t", 65, "-c", 99, "h", 1], ["-d", 0, "h", 1],
    ["-n", 0, "h", 1], ["-n", -1, "h", 1], ["-P", 33, "h", 1],
    ["-r", 0, "h", 1], ["-r", 10000001, "h", 1], ["-r", "nan", "h", 1],
    ["-d", "inf", "h", 1], ["-d", "1e9", "h", 1], ["-c", 2, "-t", 3, "h", 1],
    ["--command", "end", "h", 1], ["--handshakes", "-r", 1, "h", 1],
    ["--handshakes", "-P", 2, "h", 1], ["--trust-new", "h", 1],
    ["--handshakes", "--command", "date", "h", 1], ["--warmup", "", "h", 1],
    ["--identity", "file", "h", 1], ["--server-key", "key", "h", 1]])
def test_wrong_usage_is_2_and_one_line(words):
    finished = run("smx-bench", *words)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert re.fullmatch(r"\[X\] .*\(see smx-bench --help\)\n",
                        finished.stderr)


def test_help_and_version_are_on_stdout():
    for word, start in ("--help", "Usage: smx-bench "), ("--version",
                                                         "smx-bench "):
        finished = run("smx-bench", word)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert finished.stdout.startswith(start)
