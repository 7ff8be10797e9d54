# SPDX-License-Identifier: MIT
"""The programs that take part: servers, attackers and honest visitors."""

import json
import os
import re
import time

from crowd import figures, ground
from measures.processes import PATIENCE, Failure, Program

LISTENING = re.compile(rb"listening on \S+:(\d+)\.\.\.\n")
PAGE_TICK = os.sysconf("SC_CLK_TCK")


def words(options):
    """{"handshake_timeout": 5} as --handshake-timeout 5; True is no value."""
    return [word for name, value in options.items() if value is not None
            for word in ("--" + name.replace("_", "-"), value)
            if word is not True]


class Server(Program):
    """A server whose log is a file, as that of most is."""

    def __init__(self, stage, descriptors=None, **options):
        self.log_path = stage.new_file("log")
        self.log_path.touch()
        limit = (["prlimit", f"--nofile={descriptors}:{descriptors}"]
                 if descriptors else [])
        super().__init__(
            "sh", "-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh",
            self.log_path, *limit, stage.server_program, "--host", "::",
            "--port", 0, "--key", stage.folder / "server.key",
            *words({"threads": 1, **options}))
        self.name = "smx-server"
        until = time.monotonic() + PATIENCE
        while not (found := LISTENING.search(self.log())):
            if self.fate() or time.monotonic() > until:
                raise Failure(f"no server: {self.log().decode()!r}")
            time.sleep(0.01)
        self.port = int(found.group(1))

    def log(self):
        return self.log_path.read_bytes()

    def memory(self):
        """Bytes of ours."""
        with open(f"/proc/{self.pid}/status") as file:
            return 1024 * int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])

    def kernel_memory(self, kinds="rwf"):
        """Bytes of the kernel's, for each of its connections."""
        return figures.kernel_memory(ground.sockets(
            "-Htnm", "state", "connected", "sport", "=", f":{self.port}"),
            kinds)

    def queue(self):
        return figures.queue_length(
            ground.sockets("-Htln", "sport", "=", f":{self.port}"))

    def wait_for_crowd(self):
        """Until its listen queue has been full of them, and is empty again."""
        for is_over in (lambda n: n > 0), (lambda n: n == 0):
            until = time.monotonic() + PATIENCE
            while not is_over(self.queue()):
                if time.monotonic() > until:
                    raise Failure("the listen queue does not fill and empty")

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / PAGE_TICK


class Attack(Program):
    """One attacker; see lab/attack.c."""

    def __init__(self, stage, server, manner, sources=None, **options):
        camp = stage.hostile
        sources = sources or camp.sources(250, block=stage.next_block())
        host = camp.server6 if ":" in sources else camp.server
        super().__init__(*camp.inside, stage.build / "lab/attack",
                         *words({**options, "from": sources}), manner, host,
                         server.port)
        self.name, self.manner = "attack", manner
        self.hold = options.get("hold")

    def report(self, order=""):
        self.say(order)
        return json.loads(self.line())

    def wait_in_place(self, part=0.9, seconds=30):
        """Until it holds what it is to hold."""
        until = time.monotonic() + seconds
        while (seen := self.report())["most_open"] < part * self.hold:
            if time.monotonic() > until:
                raise Failure(f"the attack '{self.manner}' held only "
                              f"{seen['most_open']} of {self.hold}")
            time.sleep(0.05)
        return seen


    def check_rate(self, rate, seconds, part=0.5):
        """That it attacked at all, and nearly as often as it was to."""
        seen = self.report()["connected"]
        if seen < part * rate * seconds:
            raise Failure(f"the attack '{self.manner}' connected only {seen} "
                          f"times in {seconds} s")


class Visit(Program):
    """Honest clients; see lab/visit.c."""

    def __init__(self, stage, server, is_ipv6=False, **options):
        camp = stage.honest
        sources = camp.sources6(250) if is_ipv6 else camp.sources(250)
        host = camp.server6 if is_ipv6 else camp.server
        super().__init__(*camp.inside, stage.build / "lab/visit",
                         *words({**options, "from": sources}), host,
                         server.port)
        self.name = "visit"
        if self.line() != "ready":
            raise Failure("the visitors are not ready")

    def go(self):
        self.say("go")

    def result(self):
        return json.loads(self.line())


def check_control(seen):
    """Whoever fares badly where nobody attacks shows that this machine is too
    busy, and nothing else."""
    for who in "guests", "newcomers":
        if seen[who]["all"]["failed"]:
            raise Failure(f"{seen[who]['all']['failed']} {who} of the control "
                          "failed, though nobody attacks it")


def visit_both(stage, server, control, during=time.sleep, **options):
    """The same honest clients at both, at the same time: how they fared."""
    with (Visit(stage, server, **options) as one,
          Visit(stage, control, **options) as other):
        one.go()
        other.go()
        during(options["seconds"])
        seen, beside = one.result(), other.result()
    check_control(beside)
    return seen, beside
