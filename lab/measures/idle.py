# SPDX-License-Identifier: MIT
"""What idle sessions cost: memory, wake-ups, and the time of the sessions that
are busy beside them."""

import contextlib
import os
import re
import time

from measures.processes import Failure, tasks
from measures.servers import Smx
from measures.slices import Working, take_turns

BUSY = 64
FIRST = 64              # sessions; what these touch is there for all
HELD = 0.5              # seconds until a server has taken what was sent
QUIET = 6               # until the deadline of the handshakes has passed
EXCHANGES = "xor", "noise"


def measure(lab, section, memory, wakes, busy):
    table = section.show("sessions", f"with the first {FIRST}, KiB", "with all, KiB",
                         "bytes each")
    for name in EXCHANGES:
        keep_many(lab, section, table, name, memory, wakes)
    keep_busy_among_many(lab, section, busy)


def resident(pid):
    """Bytes that are resident: all, and those not backed by a file."""
    with open(f"/proc/{pid}/status") as file:
        text = file.read()
    return [1024 * int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1])
            for name in ("VmRSS", "RssAnon")]


def times_woken(pid):
    """Each sleep that its threads have begun ends with a wake-up."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text,
                             re.M)[1])
               for text in tasks(pid, "status").values())


def keep_many(lab, section, table, name, memory, wakes):
    lab.progress(f"idle, {lab.sessions} sessions over {name}")
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Smx(lab, name))
        stack.enter_context(server.load("--connections", 0, "--idle", FIRST))
        time.sleep(HELD)
        few = resident(server.pid)
        with server.load("--connections", 0, "--idle", lab.sessions):
            time.sleep(HELD)
            held = len(os.listdir(f"/proc/{server.pid}/fd"))
            if held < lab.sessions:
                raise Failure(f"only {held} descriptors are open")
            full = resident(server.pid)
            time.sleep(QUIET)
            woken = times_woken(server.pid)
            time.sleep(lab.watch_seconds)
            woken = times_woken(server.pid) - woken
    for what, before, after in zip(("RSS", "anonymous"), few, full):
        each = (after - before) / lab.sessions
        table.row(f"{lab.sessions:,}, {name}, {what}", before >> 10,
                  after >> 10, f"{each:.1f}")
        if what == "RSS":
            section.judge(f"memory of an idle session, {name}, bytes", each,
                          memory, form="{:.0f}")
    section.judge(f"wake-ups in {lab.watch_seconds} s with {lab.sessions:,} "
                  f"idle, {name}", woken, wakes, form="{:.0f}")


def keep_busy_among_many(lab, section, most):
    def side(*options):
        return lambda stack: Working(stack, Smx(lab), "--connections", BUSY,
                                     *options)
    among, without, again = "among idle ones", "alone", "alone again"
    turns = take_turns(lab, "idle, and some that are busy", {
        among: side("--idle", lab.sessions),
        without: side(),
        again: side(),
    }, lab.rounds)
    section.judge(f"on-CPU per request, {BUSY} busy: among {lab.sessions:,} "
                  "idle ÷ alone", turns.ratio(among, without), most,
                  turns.ratio(again, without))
    section.count(turns)
