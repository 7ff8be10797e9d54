# SPDX-License-Identifier: MIT
"""A start that is cut short or fails, and calls of the system that fail."""

import os
import re
import resource
import shutil
import signal
import subprocess
import time

import pytest

from programs import (
    PATIENCE, SLACK, environment, program, run, small_files, wait_until)

SHIM = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

ssize_t getrandom(void *bytes, size_t n, unsigned flags)
{
	if (!getenv("NO_RANDOM"))
		return syscall(SYS_getrandom, bytes, n, flags);
	errno = ENOSYS;
	return -1;
}

int getentropy(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -1;
}
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """A library that has no randomness if it is told so."""
    if not shutil.which("cc"):
        pytest.skip("no compiler here")
    with open(program("smx-server"), "rb") as file:
        if b"__asan_" in file.read():
            pytest.skip("a sanitizer wants to be loaded first")
    source = tmp_path_factory.mktemp("shim") / "shim.c"
    source.write_text(SHIM)
    library = source.with_suffix(".so")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source],
                   check=True)
    # LD_PRELOAD takes no path with a space, but a name to be looked for.
    return {"LD_PRELOAD": library.name, "LD_LIBRARY_PATH": str(library.parent)}


def without_devices(redirections=""):
    """What to put before a command that is to find none."""
    hidden = ["unshare", "-m", "sh", "-c",
              f'mount -t tmpfs none /dev && exec "$@" {redirections}', "sh"]
    if subprocess.run([*hidden, "true"], capture_output=True).returncode:
        pytest.skip("no mounts here")
    return hidden


def test_without_randomness_one_line_says_so(shim):
    hidden = without_devices()
    finished = subprocess.run(
        [*hidden, "env", *(f"{k}={v}" for k, v in shim.items()),
         "NO_RANDOM=1", program("smx-server"), "--port", "0"],
        capture_output=True, text=True, timeout=30, env=environment())
    assert finished.returncode == 1
    assert finished.stderr == "[X] Cannot start: no system random source\n"


@needs_root
@pytest.mark.parametrize("name", [
    "smx-server", "smx-client", "smx-keygen", "smx-bench"])
def test_closed_streams_need_no_device(name):
    hidden = without_devices("<&- 2>&-")
    finished = subprocess.run(
        [*hidden, program(name), "--version"], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30, env=environment())
    assert finished.returncode == 0
    assert finished.stdout.startswith(name)


def test_a_zone_that_is_unknown_is_said(server):
    running = server(TZ="Nowhere/Atall")
    running.output.expect(r"^\[X\] TZ does not name a known time zone.*Nowhere/Atall$")


def test_an_ignored_interrupt_stays_ignored(server, connect):
    running = server(
        preexec=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    client = connect(running)
    running.process.send_signal(signal.SIGINT)
    assert running.counters()["now"] == 1
    assert client.ask(b"DATE")


def test_a_reload_is_none_of_nohups(server):
    running = server(
        preexec=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    running.signal(signal.SIGHUP)
    running.output.expect("Time zone reread")


# (Only root sees what a server waits for.)
@needs_root
@pytest.mark.parametrize("option", ["--quiet", "--nonsense"])
def test_a_stderr_nobody_reads_does_not_hold_up_the_end(tmp_path, option):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    (tmp_path / "smx").write_text("no folder")
    starting = subprocess.Popen(
        [program("smx-server"), option, "--host", "127.0.0.1:0"],
        stdout=subprocess.DEVNULL, stderr=writer,
        preexec_fn=lambda: signal.pthread_sigmask(
            signal.SIG_BLOCK, [signal.SIGTERM]),
        env=environment(XDG_STATE_HOME=str(tmp_path)))
    try:
        def is_writing():
            with open(f"/proc/{starting.pid}/wchan") as file:
                return "pipe" in file.read()

        wait_until(is_writing, "the complaint")
        starting.terminate()
        assert starting.wait(1 + SLACK) == 128 + signal.SIGTERM
    finally:
        starting.kill()
        starting.wait()
        os.close(reader)
        os.close(writer)


@needs_root
def test_a_resolver_that_is_silent_does_not_hold_up_the_end():
    script = r"""
        mount -t tmpfs none /mnt && ip link set lo up || exit 77
        echo nameserver 127.0.0.9 >/mnt/r
        mount --bind /mnt/r /etc/resolv.conf || exit 77
        exec python3 -c '
import socket, subprocess, sys
dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
dns.bind(("127.0.0.9", 53))
dns.settimeout(10)
starting = subprocess.Popen([sys.argv[1], "--host", "time.example.net"])
dns.recv(512)
starting.terminate()
sys.exit(starting.wait(4) != 143)
' "$1" """
    finished = subprocess.run(
        ["unshare", "-mn", "sh", "-c", script, "sh", program("smx-server")],
        capture_output=True, text=True, timeout=30, env=environment())
    if finished.returncode == 77 or "unshare" in finished.stderr:
        pytest.skip("no namespaces here")
    assert finished.returncode == 0, finished


def test_a_log_at_its_size_limit_ends_nobody(tmp_path):
    most = 4096
    path = tmp_path / "log"
    with open(path, "w") as file:
        running = subprocess.Popen(
            [program("smx-server"), "--port", "0", "--host", "127.0.0.1"],
            stdout=file, stderr=subprocess.PIPE, env=environment(),
            preexec_fn=small_files(most))
    try:
        wait_until(lambda: b"listening" in path.read_bytes(), "the start")

        def is_full():
            running.send_signal(signal.SIGUSR1)
            return path.stat().st_size == most

        wait_until(is_full, "the limit")
        assert running.poll() is None
        for _ in range(1500):       # more than is kept
            running.send_signal(signal.SIGUSR1)
            time.sleep(0.001)
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_until(lambda: path.stat().st_size > most, "the rest")
        wait_until(lambda: re.search(r"\d log lines dropped: .*too large",
                                     path.read_text()), "the loss")
        for line in path.read_text().splitlines()[:-1]:
            assert re.match(r"\[.\] [A-Z]", line), line     # none is torn
    finally:
        running.terminate()
        _, errors = running.communicate(timeout=PATIENCE)
    assert (running.returncode, errors) == (0, b"")


def test_accepting_that_fails_is_said_once_and_does_not_spin(server, connect):
    running = server("--threads", 1)
    used = running.descriptors()
    if used is None:
        pytest.skip("its descriptors are hidden")
    pid, limit = running.pid, resource.RLIMIT_NOFILE
    before = resource.prlimit(pid, limit)
    resource.prlimit(pid, limit, (used, before[1]))
    waiting = connect(running, handshake=False)
    running.output.expect("Cannot accept connections for now")
    begin = running.cpu_seconds()
    time.sleep(0.5)
    assert running.cpu_seconds() - begin < 0.2
    assert running.output.text.count("Cannot accept") == 1
    resource.prlimit(pid, limit, before)
    assert waiting.handshake().ask(b"DATE")


def test_a_key_that_was_missing_is_found_on_a_reload(server, tmp_path):
    obstacle = tmp_path / "smx"
    obstacle.write_text("no folder")
    running = server("--threads", 2, XDG_STATE_HOME=str(tmp_path))
    running.expected_errors = True
    assert "Secure sessions are off" in running.stderr()
    running.signal(signal.SIGHUP)
    running.output.expect(r"^\[X\] Secure sessions are off, serving xor only")
    running.counters()
    running.output.expect(r"could not be loaded \(2 attempts\)")
    obstacle.unlink()
    running.signal(signal.SIGHUP)
    running.output.expect(r"^\[\*\] Public key: ")
    assert run("smx-client", "--secure", "--trust-new", *running.address,
               "date").returncode == 0


def connections_of(running, *options):
    return subprocess.run(
        ["ss", "-Htn", *options, f"sport = :{running.port}"],
        capture_output=True, text=True, timeout=PATIENCE).stdout.splitlines()


@pytest.mark.skipif(not shutil.which("ss"), reason="no ss here")
def test_vanished_peers_are_probed_for(server, connect):
    running = server()
    connect(running)
    wait_until(lambda: "timer:(keepalive," in
               "".join(connections_of(running, "-o")), "a keepalive timer")


@pytest.mark.skipif(not shutil.which("ss"), reason="no ss here")
def test_what_a_peer_does_not_take_is_not_kept(server, connect):
    running = server("--threads", 1)
    for _ in range(3):
        client = connect(running, receive_buffer=2048)
        client.sock.sendall(client.seal(b"TIME") * 1000 + client.seal(b"END"))
        client.finish_sending()
    running.wait_for_counter("now", 0)
    wait_until(lambda: not [line for line in connections_of(running)
                            if not line.startswith("TIME-WAIT")],
               "the end of the last one", 3 + 2 * SLACK)
