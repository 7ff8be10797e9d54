# SPDX-License-Identifier: MIT
"""How many key exchanges a server completes in a second, if no more clients
come than are served."""

from crowd.peers import Server, Visit

PARALLEL = 64           # under way


def steady_rate(stage, server, parallel=PARALLEL):
    """Of the secure exchange; each connection is closed afterwards."""
    seconds = stage.size(3, 1)
    with Visit(stage, server, parallel=parallel, seconds=seconds,
               exchange="noise") as visit:
        visit.go()
        seen = visit.result()
    return seen["newcomers"]["all"]["served"] / seen["seconds"]


def measure(stage, table):
    """The clients run on the same cores."""
    curves = {}
    for threads, name in (1, "1 worker"), (2, "2 workers"), (8, "8 workers"), (
            1, "1 worker, again (control)"):
        with Server(stage, threads=threads, quiet=True) as server:
            curves[name] = [
                (parallel, steady_rate(stage, server, parallel))
                for parallel in stage.size([1, 4, 16, 64, 256, 1024], [64])]
        for parallel, rate in curves[name]:
            table.judge(f"{name}, {parallel:,} at a time: a second", rate)
    table.draw("rates", "Secure key exchanges, with clients on the same cores",
               "connections under way", "key exchanges per second", curves)
