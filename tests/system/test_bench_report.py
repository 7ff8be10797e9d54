# SPDX-License-Identifier: MIT
"""What the load generator writes: where, in which form, and when interrupted."""

import json
import re
import signal
import subprocess

import pytest

from bench_runs import bench, command_line, measure, numbers_of
from programs import environment, run, small_files, wait_until


def start(running, *arguments, **options):
    """Run it in the background, with pipes."""
    return subprocess.Popen(
        command_line(running, *arguments), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        env=environment(), **options)


def finish(process):
    """Wait for its end; as subprocess.run does."""
    stdout, stderr = process.communicate(timeout=15)
    return subprocess.CompletedProcess(process.args, process.returncode,
                                       stdout, stderr)


def has_asked(running):
    wait_until(lambda: running.counters()["TIME"] > 0, "a request")


@pytest.mark.parametrize("options, head, rows", [
    ([], "closed loop over xor with %s:%d\n2 connections, 1 thread, "
     "depth 1, time", ["connect", "key exchange", "request"]),
    (["--rate", 500, "-P", 4, "--command", "date"],
     "open loop over xor with %s:%d\n2 connections, 1 thread, depth 4, date",
     ["connect", "key exchange", "request", "uncorrected"]),
    (["--handshakes", "-t", 2],
     "handshakes over xor with %s:%d\n2 connections, 2 threads",
     ["connect", "key exchange"])])
def test_the_report_names_its_mode_and_has_a_row_for_each_latency(
        server, options, head, rows):
    running = server()
    finished = bench(running, "-c", 2, "-n", 3, *options)
    assert finished.returncode == 0
    lines = finished.stdout.splitlines()
    assert lines[:2] == (head % running.address).splitlines()
    assert max(map(len, lines)) < 80
    assert "  errors       0" in lines
    assert re.search(r"^  (requests|handshakes) +3 in \d+\.\d{3} s, [\d.]+ "
                     r"per second$", finished.stdout, re.M)
    table = lines[lines.index(next(line for line in lines
                                   if "latency, ms" in line)):]
    assert [row[2:14].strip() for row in table[1:]] == rows
    for row in table[1:]:
        count, mean, *values = map(float, row[14:].split())
        assert count in (2, 3)
        assert values == sorted(values) and 0 < mean <= values[-1]


@pytest.mark.parametrize("count", [1, 3])
def test_few_requests_have_quantiles_too(server, count):
    numbers = measure(server(), "-c", 1, "-n", count)
    latency = numbers["latency"]["request"]
    assert latency["count"] == count
    for name in ("p90_ms", "p99_ms", "p99.9_ms", "p99.99_ms"):
        assert latency[name] == latency["max_ms"]


@pytest.mark.parametrize("options", [
    ["-d", 0.001], ["-d", 0.001, "--rate", 1], ["-d", 0.001, "--handshakes"]])
def test_next_to_no_time_gives_no_nonsense(server, options):
    running = server()
    finished = bench(running, *options)
    assert not re.search(r"\b(nan|inf)\b", finished.stdout + finished.stderr)
    numbers_of(bench(running, "--json", *options))


def test_off_a_terminal_there_are_no_colours(server):
    finished = bench(server(), "-c", 2, "-n", 9)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert not re.search("[\x1b\r]", finished.stdout)
    failed = run("smx-bench", "nowhere")
    assert failed.stderr.startswith("[X] ")


def test_colours_can_be_had(server):
    failed = run("smx-bench", "--color", "always", "-c", 1, "-t", 2, "h", 1)
    assert failed.stderr.startswith("\x1b[1;31m[X] ")


def test_on_a_terminal_progress_is_one_line_that_goes_away(server, terminal):
    running = server()
    screen = terminal("-c", 2, "-d", 0.8, *running.address, name="smx-bench")
    screen.expect(r"\r\d s left, \d+ requests/s, p99 so far [\d.]+ ms")
    assert screen.wait() == 0
    assert re.search(r"\r {79}\rclosed loop over xor", screen.output.text)
    assert "\r" not in screen.output.text.rpartition("closed loop")[2]


def test_a_run_on_a_terminal_can_be_interrupted(server, terminal):
    running = server()
    screen = terminal("-c", 2, "-d", 60, *running.address, name="smx-bench")
    screen.expect(r"\r\d+ s left, [1-9]\d* requests/s")
    screen.type("\x03")
    screen.expect(r"^  requests +\d+ in ")
    screen.expect(r"\[!\] Interrupted: \d+ requests in flight were dropped")
    assert screen.wait() == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("options", [
    [], ["--rate", 300], ["-n", 1000000000], ["--handshakes"],
    ["-t", 2, "-n", 1000000, "--rate", 100]])
def test_an_interrupted_run_reports_what_it_has(server, number, options):
    running = server()
    process = start(running, "--json", "-c", 2, "-d", 60, *options)
    wait_until(lambda: running.counters()["in all"] > 2, "the connections")
    if "--handshakes" not in options:
        has_asked(running)
    process.send_signal(number)
    finished = finish(process)
    assert finished.returncode == 130
    assert re.match(r"\[!\] Interrupted: \d ", finished.stderr)
    numbers = numbers_of(finished)
    assert numbers["interrupted"] is True
    assert numbers["errors"] == numbers["never_sent"] == 0
    assert numbers["counted_s"] < 50
    assert numbers["cut_short"] <= 2


@pytest.mark.parametrize("options", [
    [], ["--rate", 100], ["--handshakes"], ["--warmup", 60],
    ["--warmup", 60, "--rate", 100]])
def test_a_run_can_be_interrupted_before_anything_counted(peer, options):
    """While the connections wait for flights, or are warming up."""
    def wait(session):
        session.handshake()
        if session in running.sessions[1:]:
            session.receive_until_end()
        else:
            session.receive_request()

    def flightless(session):
        if session in running.sessions[1:]:
            session.receive_until_end()
        else:
            session.serve()

    running = peer(wait if "--warmup" in options else flightless)
    process = start(running, "--json", "-c", 2, "-d", 60, *options)
    wait_until(lambda: len(running.sessions) == 3, "the connections")
    process.send_signal(signal.SIGINT)
    finished = finish(process)
    assert finished.returncode == 130
    numbers = numbers_of(finished)
    assert (numbers["completed"], numbers["behind_schedule"]) == (0, 0)
    assert numbers["errors"] == 0
    assert "schedule" not in finished.stderr


def test_a_second_signal_ends_it_at_once(server):
    running = server()
    process = start(running, "-c", 2, "-d", 60)
    has_asked(running)
    process.send_signal(signal.SIGSTOP)
    for number in signal.SIGINT, signal.SIGTERM:
        process.send_signal(number)
    process.send_signal(signal.SIGCONT)
    assert finish(process).returncode in (130, -signal.SIGTERM)


def parse(file):
    """The lines of a .hgrm file as tuples, and the three figures of its end."""
    head, empty, *rest = file.read_text().splitlines()
    assert head.split() == ["Value", "Percentile", "TotalCount",
                            "1/(1-Percentile)"]
    assert empty == ""
    lines = [tuple(map(float, line.split())) for line in rest[:-3]]
    end = [re.fullmatch(r"#\[(\w+) += +([\d.]+), (\w[\w ]+?) += +([\d.]+)\]",
                        line).groups() for line in rest[-3:]]
    assert [(one[0], one[2]) for one in end] == [
        ("Mean", "StdDeviation"), ("Max", "Total count"),
        ("Buckets", "SubBuckets")]
    return lines, {name: float(value) for one in end
                   for name, value in (one[:2], one[2:])}


@pytest.mark.parametrize("options", [
    ["-n", 1], ["-n", 3], ["-n", 2000], ["-n", 200, "--rate", 1000],
    ["-n", 20, "--handshakes"]])
def test_the_percentiles_can_be_plotted(server, tmp_path, options):
    file = tmp_path / "run.hgrm"
    numbers = measure(server(), "-c", 1, *options, "--hgrm", file)
    lines, end = parse(file)
    values, shares, totals = zip(*(line[:3] for line in lines))
    assert list(values) == sorted(values)
    assert list(shares) == sorted(set(shares))
    assert list(totals) == sorted(totals)
    assert shares[-1] == 1 and len(lines[-1]) == 3
    assert totals[-1] == end["Total count"] == numbers["completed"]
    for value, share, total, inverse in lines[:-1]:
        assert total >= share * numbers["completed"] - 1e-6
        assert inverse == pytest.approx(1 / (1 - share), rel=0.01)
    latency = numbers["latency"]["key_exchange" if "--handshakes" in options
                                 else "request"]
    assert values[-1] == end["Max"]
    assert end["Max"] == pytest.approx(latency["max_ms"], abs=2e-6)
    assert end["Mean"] == pytest.approx(latency["mean_ms"], abs=2e-6)


def test_no_reply_at_all_makes_an_empty_file_of_percentiles(peer, tmp_path):
    def script(session):
        if session in running.sessions[1:]:
            session.close()
        else:
            session.serve()

    running = peer(script)
    file = tmp_path / "run.hgrm"
    measure(running, "-c", 1, "-n", 1, "--hgrm", file, status=1)
    lines, end = parse(file)
    assert lines == []
    assert end["Max"] == end["Total count"] == end["Mean"] == 0


def test_a_file_that_cannot_be_written_is_an_error_before_the_run(
        server, tmp_path):
    running = server()
    for file in tmp_path, tmp_path / "no" / "folder":
        finished = bench(running, "-n", 1, "--hgrm", file)
        assert (finished.returncode, finished.stdout) == (2, "")
        assert finished.stderr.startswith(f"[X] Cannot write {file}: ")
    assert running.counters()["in all"] == 0


def test_a_full_disk_is_an_error(server):
    running = server()
    finished = bench(running, "-c", 1, "-n", 3, "--hgrm", "/dev/full")
    assert finished.returncode == 1
    assert "requests" in finished.stdout
    assert re.fullmatch(r"\[X\] Cannot write /dev/full: No space .*\n",
                        finished.stderr)


def test_a_limit_of_file_sizes_is_an_error_after_the_report(server, tmp_path):
    file = tmp_path / "run.hgrm"
    finished = bench(server(), "-c", 1, "-n", 3, "--hgrm", file,
                     preexec=small_files(100))
    assert finished.returncode == 1
    assert "requests" in finished.stdout
    assert re.fullmatch(rf"\[X\] Cannot write {file}: File too large\n",
                        finished.stderr)


@pytest.mark.parametrize("options", [
    ["-n", 3], ["-n", 3, "--json"], ["--help"], ["--version"]])
def test_a_report_that_cannot_be_written_is_an_error(server, options):
    running = server()
    with open("/dev/full", "w") as full:
        finished = subprocess.run(
            command_line(running, "-c", 1, *options), stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=15, env=environment())
    assert finished.returncode == 1
    if "-n" in options:
        assert re.fullmatch(r"\[X\] Cannot write the report: .*\n",
                            finished.stderr)


@pytest.mark.parametrize("closed, status", [
    ("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)])
def test_closed_streams_are_not_written_to(server, closed, status):
    running = server()
    finished = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh",
         *command_line(running, "-c", 3, "-n", 9)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=15, env=environment())
    assert finished.returncode == status
    assert running.wait_for_counter("TIME", 9)
    assert running.counters()["unknown"] == 0


def test_json_is_all_that_is_on_stdout(server):
    finished = bench(server(), "--json", "-c", 2, "-d", 0.05,
                     "--rate", 10000000)
    assert "schedule was not kept" in finished.stderr
    assert list(json.loads(finished.stdout))[:2] == ["program", "mode"]
