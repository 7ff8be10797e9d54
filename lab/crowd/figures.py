# SPDX-License-Identifier: MIT
"""The arithmetic of what is measured: no process, no socket and no clock."""

import math
import re

SKMEM = re.compile(r"skmem:\((.*?)\)")
NOT_LOGGED = re.compile(rb"Not logged: (.*)")
COUNT = re.compile(rb"\d+")


def ratio(value, control):
    """How many times its control; a control of nothing allows nothing."""
    if not control:
        return math.inf if value else 1.0
    return value / control


def share(part, whole):
    return part / whole if whole else 0.0


def each(after, before, count):
    """What one of so many has added."""
    return (after - before) / count


def mean(*values):
    return sum(values) / len(values)


def kernel_memory(text, kinds="rwf"):
    """Bytes that each of the sockets which `ss -tm` lists holds: received and
    not read (r), sent and not acknowledged (w), and reserved for more (f)."""
    held = [dict(re.findall(r"([a-z]+)(\d+)", fields))
            for fields in SKMEM.findall(text)]
    return [sum(int(socket.get(kind, 0)) for kind in kinds) for socket in held]


def queue_length(text):
    """The longest queue of the listeners that `ss -tln` lists."""
    return max((int(line.split()[1]) for line in text.splitlines()), default=0)


def queue_wait_ms(length, arrivals, seconds):
    """How long the last in the queue waits, if they leave as they come."""
    if not length:
        return 0.0
    return 1000 * length * seconds / arrivals if arrivals else math.inf


def unprintable(log):
    """How many bytes are neither printable ASCII nor ends of lines."""
    return sum(not (32 <= byte < 127 or byte == 10) for byte in log)


def accounted(log):
    """How many events a log tells of: its lines, and what they say was left
    out."""
    return log.count(b"\n") + sum(int(count) for line in NOT_LOGGED.findall(log)
                                  for count in COUNT.findall(line))


def slowest_ms(seen):
    """The p99 of those that were served; of nobody, no bound is met."""
    return seen["p99_ms"] if seen["served"] else math.inf


def longest_life(reports):
    """Of all connections that attackers held, in ms; of those still open, so
    far."""
    return max(max(report["life_max_ms"], report["oldest_ms"])
               for report in reports)
