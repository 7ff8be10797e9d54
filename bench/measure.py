#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what smx-server costs: processor time, instructions, system calls
and allocations per request, and memory per idle session.

  cc -O2 -o bare bench/bare.c
  cc -O2 -o load bench/load.c
  bench/measure.py --server build/src/smx-server --bare ./bare --load ./load

A timing means nothing alone: two copies of one program differ by several per
cent here and there.  So the server is timed in turns with `bare` (A B B A),
and `bare` with a second copy of itself, the control, in the same minutes.  The
other measures count, and are exact.

Needs Linux and two cores; valgrind for `instructions`, strace for `syscalls`.
"""

import argparse
import collections
import contextlib
import dataclasses
import glob
import os
import platform
import re
import resource
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

CONNECTIONS = 64
SLICE = 30_000          # requests in one timed slice
WARM_UP = 2_000         # requests before the first slice of a process
STOLEN = 0.02           # of a slice that a hypervisor may take; else discard
SLOPE = 20_000, 120_000
ROUNDS = 5
SESSIONS = 15_000
PATIENCE = 60           # seconds; for whatever is awaited


@dataclasses.dataclass
class Target:
    """What an exchange is to reach. The bare program is given its sizes."""
    option: str
    sizes: list
    cpu: float              # times the bare program
    instructions: float     # a request; noise: times libsodium's own
    handshake: float        # times libsodium's own; 0: not measured
    memory: int             # bytes of an idle session


XOR = Target("--xor", [4, 15], 1.10, 350, 0, 320)
NOISE = Target("--secure", [50, 50], 1.35, 1.15, 1.20, 320)
HANDSHAKES = 20, 120


class Failure(Exception):
    """A measure could not be taken; the text says why."""


class Program:
    """A child process: lines in, lines out, ended with its block (or, should
    it not get that far, by end_all)."""

    started = []

    def __init__(self, *command, core=None):
        pin = core is not None and (lambda: os.sched_setaffinity(0, {core}))
        self.name = os.path.basename(command[0])
        self.unread = b""
        # A session of its own: Ctrl-C is for us, and we end it in order.
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, bufsize=0, preexec_fn=pin or None,
            start_new_session=True)
        self.pid = self.process.pid
        self.started.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def say(self, text=""):
        try:
            self.process.stdin.write(f"{text}\n".encode())
        except BrokenPipeError:
            raise Failure(f"{self.name} has ended") from None

    def line(self):
        until = time.monotonic() + PATIENCE
        while b"\n" not in self.unread:
            left = max(0, until - time.monotonic())
            ready, _, _ = select.select([self.process.stdout], [], [], left)
            if not ready:
                raise Failure(f"{self.name} said nothing for {PATIENCE} s")
            chunk = self.process.stdout.read(4096)
            if not chunk:
                raise Failure(f"{self.name} has ended")
            self.unread += chunk
        text, _, self.unread = self.unread.partition(b"\n")
        return text.decode(errors="replace")

    def end(self):
        """Asks it to leave, and makes it; harmless when it has left."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)
        try:
            self.process.wait(PATIENCE / 2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    @classmethod
    def end_all(cls):
        while cls.started:
            cls.started.pop().end()


class Server(Program):
    """smx-server or bare, behind `before`; `port` is what it listens on."""

    def __init__(self, path, before=(), core=None):
        self.is_smx = path != args.bare
        super().__init__(*before, path, *(
            ["--quiet", "--threads", 1, "--host", "127.0.0.1", "--port", 0,
             "--key", args.key]
            if self.is_smx else [0, *args.target.sizes]), core=core)
        self.name = os.path.basename(path)
        self.port = re.findall(r"\d+", self.line())[-1]

    def load(self, *options, core=None):
        """A load on this server, ready, waiting to be told to run."""
        how = [args.target.option] if self.is_smx else []
        sizes = [] if self.is_smx else args.target.sizes
        load = Program(args.load, "--wait", *how, *options, "127.0.0.1",
                       self.port, *sizes, core=core)
        if load.line() != "ready":
            raise Failure("load is not ready")
        return load


# What is reported

rows = []               # what, value, limit, whether it is met

def report(what, value, limit="", met=None):
    rows.append((what, value, limit, met))
    if not args.markdown:
        verdict = {True: "met", False: "MISSED", None: ""}[met]
        print(f"{what:<46} {value:>24}  {limit:<14} {verdict}".rstrip(),
              flush=True)


def print_markdown():
    print("| measure | value | limit | |\n|---|---|---|---|")
    for what, value, limit, met in rows:
        verdict = {True: "met", False: "**missed**", None: ""}[met]
        print(f"| {what.strip()} | {value} | {limit} | {verdict} |")


def note(text):
    print(f"# {text}", file=sys.stderr, flush=True)


# Processor time

def on_cpu(pid):
    """Nanoseconds that all threads of the process have run, user and kernel."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total


def stolen_seconds():
    with open("/proc/stat") as file:
        return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def timed_slice(server, load):
    """On-CPU ns a request, or None when the hypervisor took too much."""
    stolen, began, ran = stolen_seconds(), time.monotonic(), on_cpu(server.pid)
    load.say(SLICE)
    load.line()
    ran, took = on_cpu(server.pid) - ran, time.monotonic() - began
    if stolen_seconds() - stolen > STOLEN * took:
        return None
    return ran / SLICE


def turns(a_path, b_path):
    """Four slices, A B B A, by fresh processes: two pairs (a, b)."""
    with contextlib.ExitStack() as stack:
        sides = []
        for path in a_path, b_path:
            server = stack.enter_context(Server(path, core=0))
            load = stack.enter_context(
                server.load("--connections", CONNECTIONS, core=1))
            load.say(WARM_UP)
            load.line()
            sides.append((server, load))
        a, b = sides
        a1, b1, b2, a2 = (timed_slice(*side) for side in (a, b, b, a))
        return [(a1, b1), (a2, b2)]


def measure_cpu():
    if len(os.sched_getaffinity(0)) < 2:
        raise Failure("cpu: needs two cores")
    contests = {"smx": args.server, "control": args.bare}
    pairs = {name: [] for name in contests}
    discarded = tries = 0
    while min(map(len, pairs.values())) < args.pairs:
        tries += 1
        if tries > 2 * args.pairs:
            raise Failure(f"cpu: {discarded} slices discarded, too few left")
        for name, path in contests.items():
            for pair in turns(path, args.bare):
                discarded += pair.count(None)
                if None not in pair:
                    pairs[name].append(pair)

    ratio = {}
    for name, got in pairs.items():
        ratio[name] = statistics.quantiles((a / b for a, b in got), n=4)
    for name, column in ("smx", 0), ("bare", 1):
        ns = statistics.median(pair[column] for pair in pairs["smx"])
        report(f"on-CPU time per request, {name}", f"{ns:.0f} ns")
    limit = args.target.cpu + abs(ratio["control"][1] - 1)
    for name, bound in ("control", None), ("smx", limit):
        low, median, high = ratio[name]
        who = "bare / bare (control)" if name == "control" else "smx / bare"
        report(f"on-CPU time, {who}",
               f"{median:.3f} ({low:.3f} to {high:.3f})",
               f"<= {bound:.3f}" if bound else "",
               median <= bound if bound else None)
    report("  pairs: smx, control; slices discarded",
           f"{len(pairs['smx'])}, {len(pairs['control'])}; {discarded}")


# Instructions and allocations

CLOCK = re.compile(r"_*(vdso_)?(clock_gettime|gettimeofday|time)(@|$)")
ALLOCATOR = re.compile(r"(__libc_)?(malloc|calloc|realloc|reallocarray|valloc|"
                       r"(posix_)?memalign|aligned_alloc)(@|$)")


class Profile:
    """What a callgrind file says: `own` instructions by function, and the
    calls of the clock and the allocator from outside of them."""

    def __init__(self, path):
        self.own = collections.Counter()
        self.calls = collections.Counter()
        self.clock = self.total = 0
        names, caller, callee, times = {}, "", "", None
        with open(path) as file:
            for text in file:
                key, _, value = text.rstrip("\n").partition("=")
                if key in ("fn", "cfn"):
                    # "(7) name" where it is first met, then "(7)"
                    number, _, name = value.partition(" ")
                    name = names.setdefault(number, name)
                    if key == "fn":
                        caller = name
                    else:
                        callee = name
                elif key == "calls":
                    times = int(value.split()[0])
                elif text.startswith("totals:"):
                    self.total = int(text.split()[1])
                elif re.match(r"[-+*\d]", text):
                    cost = int(text.split()[1])
                    if times is None:
                        self.own[caller] += cost
                    else:
                        self.called(caller, callee, times, cost)
                        times = None

    def called(self, caller, callee, times, cost):
        for kind, names in ("clock", CLOCK), ("allocator", ALLOCATOR):
            if names.match(callee) and not names.match(caller):
                self.calls[kind] += times
                self.clock += cost if kind == "clock" else 0


def profile(path, requests, folder):
    out = os.path.join(folder, "callgrind.out")
    before = ["valgrind", "-q", "--tool=callgrind",
              f"--callgrind-out-file={out}"]
    with Server(path, before) as server, server.load() as load:
        load.say(requests)
        load.line()
        load.end()
    return Profile(out)


def measure_instructions():
    if not shutil.which("valgrind"):
        raise Failure("instructions: needs valgrind")
    for path in args.server, args.bare:
        with tempfile.TemporaryDirectory() as folder:
            less, more = (profile(path, n, folder) for n in SLOPE)

        def slope(of):
            return (of(more) - of(less)) / (SLOPE[1] - SLOPE[0])

        total, clock = slope(lambda p: p.total), slope(lambda p: p.clock)
        if path == args.bare:
            report("instructions per request, bare", f"{total:.1f}")
            continue
        report("instructions per request, smx", f"{total:.1f}")
        report("  of it the clock (and calls of it)",
               f"{clock:.1f} ({slope(lambda p: p.calls['clock']):.3f})")
        limit = args.target.instructions
        if args.target is NOISE:
            limit *= libsodium("pair", SLOPE)
        report("instructions per request, without the clock",
               f"{total - clock:.1f}", f"<= {limit:.0f}",
               total - clock <= limit)
        allocations = slope(lambda p: p.calls["allocator"])
        report("allocations per request", f"{allocations:.5f}", "0",
               allocations == 0)
        own = {name: slope(lambda p: p.own[name]) for name in more.own}
        for name in sorted(own, key=own.get, reverse=True)[:args.top]:
            if own[name] >= 0.05:
                report(f"  {name}", f"{own[name]:.1f}")


def counted(*command):
    """The instructions of a whole program."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        subprocess.run(["valgrind", "-q", "--tool=callgrind",
                        f"--callgrind-out-file={out}",
                        *(str(word) for word in command)], check=True)
        return Profile(out).total


def libsodium(work, counts):
    """What libsodium alone takes for one piece of work."""
    if not args.sodium:
        raise Failure("noise: needs --sodium")
    less, more = (counted(args.sodium, work, n) for n in counts)
    each = (more - less) / (counts[1] - counts[0])
    report(f"instructions, libsodium alone, {work}", f"{each:.0f}")
    return each


def measure_handshake():
    if not args.target.handshake:
        return
    profiles = []
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        for n in HANDSHAKES:
            with Server(args.server, ["valgrind", "-q", "--tool=callgrind",
                                      f"--callgrind-out-file={out}"]) as server:
                subprocess.run(
                    [args.load, args.target.option, "--handshakes", str(n),
                     "127.0.0.1", server.port], check=True,
                    stdout=subprocess.DEVNULL)
            profiles.append(Profile(out).total)
    each = (profiles[1] - profiles[0]) / (HANDSHAKES[1] - HANDSHAKES[0])
    own = libsodium("handshake", HANDSHAKES)
    report("instructions per handshake, server", f"{each:.0f}")
    report("  of libsodium's own", f"{each / own:.3f}",
           f"<= {args.target.handshake}", each / own <= args.target.handshake)


# System calls

def states(pid):
    found = set()
    for path in glob.glob(f"/proc/{pid}/task/*/stat"):
        with open(path) as file:
            found.add(file.read().rpartition(")")[2].split()[0])
    return found


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + PATIENCE
    while not states(pid) <= {"T", "t"}:
        if time.monotonic() > until:
            raise Failure("syscalls: the server does not stop")
        time.sleep(0.01)


def finished_calls(trace):
    """System calls by thread and name.  A wait that our own SIGSTOP
    interrupted is not the server's doing, and is left out."""
    threads = collections.defaultdict(collections.Counter)
    for text in trace.splitlines():
        call = re.match(r"(\d+) +(?:<\.\.\. )?([a-z]\w*)", text)
        if call and " = " in text and "= -1 EINTR" not in text:
            threads[call[1]][call[2]] += 1
    return threads


def measure_syscalls():
    if not shutil.which("strace"):
        raise Failure("syscalls: needs strace")
    worst = None
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "strace")
        # -D: the server stays our child, strace leaves when it does
        before = ["strace", "-D", "-f", "-o", log]
        with Server(args.server, before) as server, \
                server.load("--connections", CONNECTIONS,
                            "--together") as load, open(log) as trace:
            for turn in range(1 + ROUNDS):
                stop(server.pid)
                load.say()
                if load.line() != "sent":
                    raise Failure("syscalls: load has not sent")
                trace.seek(0, os.SEEK_END)
                os.kill(server.pid, signal.SIGCONT)
                load.line()
                time.sleep(0.2)         # for what follows the last reply
                threads = finished_calls(trace.read())
                if turn and (not worst or total(threads) > total(worst)):
                    worst = threads     # turn 0 warms up
    limit = 2 * CONNECTIONS + 1
    report(f"system calls for {CONNECTIONS} sessions ready together",
           f"{total(worst)}", f"<= {limit}", total(worst) <= limit)
    for thread, calls in enumerate(worst.values(), 1):
        report(f"  worst of {ROUNDS} rounds, thread {thread}",
               ", ".join(f"{n} {name}" for name, n in calls.most_common()))


def total(threads):
    return sum(sum(calls.values()) for calls in threads.values())


# Memory

def resident(pid):
    """Bytes resident: all, and those which are no file's."""
    with open(f"/proc/{pid}/status") as file:
        text = file.read()
    return [1024 * int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1])
            for name in ("VmRSS", "RssAnon")]


def measure_memory():
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    sessions = SESSIONS
    if files != resource.RLIM_INFINITY and files < sessions + 200:
        sessions = files - 200
        note(f"memory: {files} descriptors allowed, so {sessions} sessions")
    with Server(args.server) as server:
        time.sleep(0.5)
        fresh = resident(server.pid)
        with server.load("--connections", 0, "--idle", sessions):
            time.sleep(0.5)
            held = len(os.listdir(f"/proc/{server.pid}/fd"))
            if held < sessions:
                raise Failure(f"memory: only {held} descriptors are open")
            full = resident(server.pid)
    for name, before, after, limit in zip(
            ("RSS", "anonymous"), fresh, full, (args.target.memory, None)):
        each = (after - before) / sessions
        report(f"memory per idle session, {name}", f"{each:.1f} bytes",
               f"<= {limit}" if limit else "",
               each <= limit if limit else None)
        report(f"  {name}, fresh and with {sessions} sessions",
               f"{before >> 10} and {after >> 10} KiB")


MEASURES = {
    "cpu": measure_cpu,
    "instructions": measure_instructions,
    "syscalls": measure_syscalls,
    "memory": measure_memory,
    "handshake": measure_handshake,
}


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in "server", "bare", "load":
        parser.add_argument(f"--{name}", metavar="PATH", required=True,
                            type=os.path.abspath)
    parser.add_argument("--secure", dest="target", action="store_const",
                        const=NOISE, default=XOR,
                        help="the noise exchange (default: xor)")
    parser.add_argument("--sodium", metavar="PATH", type=os.path.abspath,
                        help="for --secure: the program of that name")
    parser.add_argument("--pairs", type=int, default=15,
                        help="timed pairs (default: 15)")
    parser.add_argument("--top", type=int, default=12,
                        help="functions to list (default: 12)")
    parser.add_argument("--markdown", action="store_true",
                        help="print one table at the end")
    parser.add_argument("only", nargs="*", metavar="MEASURE",
                        help=f"of {', '.join(MEASURES)} (default: all)")
    parsed = parser.parse_args()
    for name in parsed.only:
        if name not in MEASURES:
            parser.error(f"no measure '{name}'")
    return parsed


def processor():
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        for text in file:
            if text.startswith("model name"):
                return text.partition(":")[2].strip()
    return platform.machine()


def main():
    for ending in signal.SIGTERM, signal.SIGHUP:
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    note(f"{processor()}, {os.cpu_count()} cores, Linux {platform.release()}, "
         f"load {os.getloadavg()[0]:.2f}")
    failed = False
    folder = tempfile.TemporaryDirectory()
    args.key = os.path.join(folder.name, "server.key")
    with Server(args.server):
        pass                # its key is made, so all runs to come are alike
    for name in args.only or MEASURES:
        try:
            MEASURES[name]()
        except Failure as failure:
            failed = True
            note(failure)
        finally:
            Program.end_all()
    if args.markdown:
        print_markdown()
    return 1 if failed else 0


if __name__ == "__main__":
    args = parse()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
