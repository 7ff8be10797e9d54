# SPDX-License-Identifier: MIT
"""Is it what the page shows, but for times and figures of its own?"""

import difflib
import re

# What two runs never have in common, and what stands for it here. A port that
# the page chose itself has four digits; the system's have five.
OWN = [
    (r"\b\d\d:\d\d:\d\d\.\d{6}\b", "TIME"),
    (r"\b\d{4}-\d\d-\d\d\b", "DATE"),
    (r"[A-Za-z0-9+/]{43}=", "KEY"),
    (r"(?<=:)\d{5}\b", "PORT"),
    (r"^(\[\d+\]) \d+$", r"\1 PID"),
    (r"(Sum: )\d+", r"\1N"),
    (r"(Response from server: )-?\d{1,3}$", r"\1N"),
    (r"\b\d+\.\d+\b", "F"),
    (r"b['\"](\\x000).*", r"\1"),                       # sealed bytes
    (r"(answered b')-?\d+", r"\1N"),
    (r"^ +\d+(?= +F .* SMX )", "N"),                    # a packet's number
    (r"\d+(?= requests?\b)|(requests +)\d+", r"\1N"),   # smx-bench's report
    (r"\d+(?= % of)", "N"),
    (r"^(  \S.*? )\d+(?=( +F){8}$)", r"\1N"),
]


def without_own(line, typed=""):
    for pattern, instead in OWN:
        line = re.sub(pattern, instead, line)
    if "echo" not in typed:
        line = re.sub(r"^-?\d{1,3}$", "N", line)        # a temperature
    return re.sub(r" +", " ", line).strip()


def line_matches(shown, got, typed):
    if shown.endswith("…"):
        return without_own(got, typed).startswith(
            without_own(shown[:-1], typed))
    return without_own(shown, typed) == without_own(got, typed)


# tshark tells root so, and nobody else.
NOISE = re.compile(r'Running as user "root" and group "root"')


def tidy(lines):
    """The lines as they look, without the empty ones at the end."""
    lines = [line.expandtabs().rstrip() for line in lines
             if not NOISE.match(line)]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def matches(shown, got, typed="", rest=False):
    """Lines that are shown against lines that came; rest: more may follow.

    A line that is only an ellipsis stands for any number of lines.
    """
    return follows(tidy(shown), tidy(got), typed, rest)


def follows(shown, got, typed, rest):
    if not shown:
        return rest or not got
    if shown[0] == "…":
        return any(follows(shown[1:], got[i:], typed, rest)
                   for i in range(len(got) + 1))
    return bool(got) and line_matches(shown[0], got[0], typed) and \
        follows(shown[1:], got[1:], typed, rest)


def difference(shown, got):
    return "\n".join(difflib.unified_diff(
        tidy(shown), tidy(got), "the page shows", "what came", lineterm="", n=1))
