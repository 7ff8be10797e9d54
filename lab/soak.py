#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev soak: millions of requests and sessions, and nothing that grows.

Rounds of load, all of them in both exchanges at once: sessions that stay and
ask, and sessions that come and go. smx-bench checks every reply. After each
round, when all sessions have ended, what the server holds is compared with what
it held after the first rounds.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 10
WARM = 2                # rounds, after which nothing may grow
ROUNDS = 20             # beyond those
SLACK = 1 << 20         # bytes: pages of what was shared, or came late
REQUESTS, SESSIONS = 10_000_000, 1_000_000
SHORT = 100             # times fewer
SOURCES = ",".join(f"127.0.0.{i}" for i in range(2, 34))
LISTENING = re.compile(r"listening on \S+:(\d+)\.\.\.\n")


class Failure(Exception):
    """What keeps the command from measuring."""


class Server:
    def __init__(self, build, folder):
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [build / "src/smx-server", "--host", "127.0.0.1", "--port",
                 "0", "-q", "--key", folder / "server.key", "--threads", "2"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.port = int(self.wait_for(LISTENING).group(1))

    def wait_for(self, pattern, after=0):
        until = time.monotonic() + PATIENCE
        while not (found := pattern.search(self.log.read_text(), after)):
            if self.process.poll() is not None or time.monotonic() > until:
                raise Failure(f"no server: {self.log.read_text()}")
            time.sleep(0.01)
        return found

    def sessions(self):
        """How many there are; by its own counters."""
        seen = len(self.log.read_text())
        self.process.send_signal(signal.SIGUSR1)
        return int(self.wait_for(re.compile(r"(\d+) now"), seen).group(1))

    def holds(self):
        """Bytes, descriptors and threads, when there are no sessions."""
        until = time.monotonic() + PATIENCE
        while self.sessions():
            if time.monotonic() > until:
                raise Failure("sessions that do not end")
            time.sleep(0.05)
        folder = pathlib.Path(f"/proc/{self.process.pid}")
        status = (folder / "status").read_text()
        number = {name: int(re.search(rf"{name}:\s+(\d+)", status)[1])
                  for name in ("VmRSS", "Threads")}
        try:
            descriptors = len(os.listdir(folder / "fd"))
        except PermissionError:     # only root sees them
            descriptors = None
        return {"bytes": 1024 * number["VmRSS"], "descriptors": descriptors,
                "threads": number["Threads"]}

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def loads(requests, sessions):
    """The words of smx-bench for each load of a round."""
    for exchange in ("--plain",), ("--secure", "--trust-new"):
        yield (*exchange, "-c", "50", "--depth", "16", "-n",
               str(requests // 2)), requests // 2
        yield (*exchange, "-c", "20", "--handshakes", "-n",
               str(sessions // 2)), sessions // 2


def play_round(build, folder, server, requests, sessions):
    """What was completed: requests, sessions, and errors of either."""
    running = []
    for words, expected in loads(requests, sessions):
        running.append((subprocess.Popen(
            [build / "src/smx-bench", *words, "--json", "--source", SOURCES,
             "127.0.0.1", str(server.port)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "HOME": str(folder)}), "--handshakes" in words,
            expected))
    done, errors = [0, 0], 0
    for process, is_churn, expected in running:
        text, _ = process.communicate()
        try:
            report = json.loads(text)
        except ValueError:
            errors += expected
            continue
        done[is_churn] += report["completed"]
        errors += max(report["errors"], expected - report["completed"],
                      int(process.returncode != 0))
    return *done, errors


def grown(first, now):
    """The names of what the server holds more of."""
    return [name for name, value in now.items() if value is not None and
            value > first[name] + (SLACK if name == "bytes" else 0)]


def describe(held):
    return (f"{held['bytes'] / 1e6:.2f} MB, {held['descriptors']} descriptors,"
            f" {held['threads']} threads")


def share(total, part):
    """Of a round, so that all of them are no fewer than that."""
    return 2 * -(-total // part // (ROUNDS + WARM) // 2) + 2


def soak(build, folder, part):
    """Prints a line for each round; the total, and what failed."""
    server = Server(build, folder)
    total, failed, first = [0, 0, 0], set(), None
    try:
        for i in range(ROUNDS + WARM):
            result = play_round(
                build, folder, server, share(REQUESTS, part),
                share(SESSIONS, part))
            total = [a + b for a, b in zip(total, result)]
            held = server.holds()
            if i == WARM - 1:
                first = held
            elif first:
                failed.update(grown(first, held))
            print(f"{total[0]:,} requests, {total[1]:,} sessions, {total[2]} "
                  f"errors; {describe(held)}", flush=True)
    finally:
        status = server.end()
    if total[2]:
        failed.add("answers")
    if status:
        failed.add(f"exit status {status}")
    return total, first, held, failed


def main():
    parser = argparse.ArgumentParser(
        prog="./dev soak", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The last line sums up. The exit status is 1 if anything grew "
               "or failed.")
    parser.add_argument("--short", action="store_true",
                        help=f"one in {SHORT} of it, for 20 seconds")
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help=argparse.SUPPRESS)
    args = parser.parse_args()
    part = SHORT if args.short else 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        total, first, held, failed = soak(
            args.build.resolve(), pathlib.Path(folder), part)
    print(f"soak: {total[0]:,} requests, {total[1]:,} sessions, {total[2]} "
          f"errors, {time.monotonic() - began:.0f} s; warm: {describe(first)};"
          f" at the end: {describe(held)}; failed: "
          f"{', '.join(sorted(failed)) or 'nothing'}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"./dev soak: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
