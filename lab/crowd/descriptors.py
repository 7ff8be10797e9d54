# SPDX-License-Identifier: MIT
"""More attackers than the server has descriptors."""

import time

from crowd.peers import Attack, Server, Visit

DESCRIPTORS = 64
ATTACKERS = 200
RATE = 10_000           # a second, if they are closed that fast
CPU_PERCENT = 5         # of a core
BACK_MS = 100


def time_of_a_visit(stage, server, before):
    """How long a visit took that began when `before` was done, and began again
    whenever it was turned away, in ms."""
    with Visit(stage, server, herd=1, exchange="xor", patience=5, retry=5,
               retry_most=5) as visit:
        before()
        visit.go()
        seen = visit.result()["newcomers"]["xor"]
    return seen["max_ms"] if seen["served"] else 5000


def cpu_percent(servers, seconds):
    before = [server.cpu_seconds() for server in servers]
    time.sleep(seconds)
    return [100 * (server.cpu_seconds() - spent) / seconds
            for server, spent in zip(servers, before)]


def is_reported(stage):
    """That more connections are wanted than the descriptors allow."""
    with Server(stage, descriptors=DESCRIPTORS,
                max_connections=100 * DESCRIPTORS) as server:
        return b"max-connections" in server.log()


def measure(stage, table):
    back, back_beside, cpu = [], [], None
    with (Server(stage, descriptors=DESCRIPTORS, quiet=True) as server,
          Server(stage, descriptors=DESCRIPTORS, quiet=True) as control):
        for _ in range(stage.size(5, 2)):
            with Attack(stage, server, "half", hold=ATTACKERS,
                        rate=RATE) as attack:
                attack.wait_in_place()
                cpu = cpu or cpu_percent((server, control), stage.size(10, 4))
                back.append(time_of_a_visit(
                    stage, server, lambda: attack.report("close")))
                back_beside.append(time_of_a_visit(
                    stage, control, lambda: None))
    table.judge(f"{ATTACKERS} at {DESCRIPTORS} descriptors: % of a core",
                *cpu, most=CPU_PERCENT)
    table.judge(f"  back after, ms (the slowest of {len(back)})", max(back),
                max(back_beside), most=BACK_MS)
    table.judge("  1: --max-connections above the limit is reported",
                is_reported(stage), least=1)
