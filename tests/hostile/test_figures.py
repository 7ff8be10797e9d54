# SPDX-License-Identifier: MIT
"""The arithmetic of ./dev hostile, and what it makes of bounds."""

import io
import json
import math

import pytest

from crowd import figures
from crowd.report import Row, Table, number


@pytest.mark.parametrize("value, control, expected", [
    (6, 3, 2), (0, 3, 0), (0, 0, 1), (1, 0, math.inf)])
def test_a_ratio_is_finite_unless_only_the_control_is_zero(
        value, control, expected):
    assert figures.ratio(value, control) == expected


def test_a_share_of_nothing_is_nothing():
    assert figures.share(1, 4) == 0.25
    assert figures.share(0, 0) == 0


def test_what_each_takes_is_counted_above_what_was_there():
    assert figures.each(5000, 1000, 4) == 1000


SS = """\
ESTAB 0 0 a:1 b:2
\t skmem:(r100,rb131072,t7,tb87040,f20,w3000,o4,bl5,d6)
FIN-WAIT-1 0 0 a:1 b:3
\t skmem:(r1,rb131072,t0,tb87040,f2,w4,o0,bl0,d0)
"""


def test_kernel_memory_is_what_is_received_sent_and_reserved():
    assert figures.kernel_memory(SS) == [3120, 7]
    assert figures.kernel_memory(SS, "w") == [3000, 4]
    assert figures.kernel_memory("") == []


def test_sizes_of_buffers_are_not_what_is_in_them():
    assert figures.kernel_memory("skmem:(rb9,tb9,bl9,o9,d9,t9)") == [0]


def test_the_longest_queue_is_told_of_all_listeners():
    assert figures.queue_length("LISTEN 3 4096 *:1 *:*\n"
                                "LISTEN 12 4096 *:1 *:*\n") == 12
    assert figures.queue_length("") == 0


def test_who_is_last_in_a_queue_waits_for_all_others():
    assert figures.queue_wait_ms(500, 2000, 2) == 500
    assert figures.queue_wait_ms(0, 0, 2) == 0
    assert figures.queue_wait_ms(1, 0, 2) == math.inf


@pytest.mark.parametrize("log, count", [
    (b"[-] all of it\n~\n", 0), (b"\x1b[2J", 1), (b"a\tb\r\n", 2),
    ("\N{PILE OF POO}".encode(), 4), (b"\x7f\x00", 2)])
def test_only_printable_ascii_and_ends_of_lines_belong_in_a_log(log, count):
    assert figures.unprintable(log) == count


def test_a_log_tells_of_its_lines_and_of_what_it_left_out():
    assert figures.accounted(
        b"Refused a\nNot logged: 40 received, 2 stalled\n") == 44


def test_the_longest_life_may_not_have_ended_yet():
    done = {"life_max_ms": 5, "oldest_ms": 1}
    going = {"life_max_ms": 2, "oldest_ms": 9}
    assert figures.longest_life([done]) == 5
    assert figures.longest_life([done, going]) == 9


def test_of_nobody_that_was_served_nothing_is_fast():
    assert figures.slowest_ms({"served": 3, "p99_ms": 1.5}) == 1.5
    assert figures.slowest_ms({"served": 0, "p99_ms": 0}) == math.inf


@pytest.mark.parametrize("bound, is_met", [
    ({"most": 2}, True), ({"most": 1.9}, False), ({"least": 2}, True),
    ({"least": 2.1}, False), ({"most": 0}, False), ({}, None)])
def test_a_bound_itself_is_within_the_bound(bound, is_met):
    assert Row("herd", "rate", 2, **bound).is_met() is is_met


@pytest.mark.parametrize("bound", [{"most": 2}, {"least": 2}])
def test_what_is_not_a_number_meets_no_bound(bound):
    assert Row("herd", "rate", math.nan, **bound).is_met() is False


@pytest.mark.parametrize("value, text", [
    (0, "0"), (0.12345, "0.123"), (12.34, "12.3"), (123.45, "123.5"),
    (1234.5, "1,234"), (15000, "15,000"), (math.inf, "inf")])
def test_numbers_have_three_digits_or_so(value, text):
    assert number(value) == text


def table_of(*rows):
    table = Table(lambda line: None)
    table.scenario = "herd"
    for row in rows:
        table.judge("rate", **row)
    return table


def test_a_table_is_good_if_every_bound_is_met():
    assert table_of({"value": 1, "most": 2}, {"value": 7}).is_good()
    assert not table_of({"value": 1, "most": 2},
                        {"value": 3, "most": 2}).is_good()


def test_what_could_not_be_measured_is_not_good():
    table = table_of({"value": 1, "most": 2})
    table.fail("no attack")
    assert not table.is_good()
    assert table.summary() == "1 met, 0 missed, 1 not measured"


def test_a_line_has_the_control_beside_the_value():
    lines = []
    table = Table(lines.append)
    table.scenario = "unread"
    table.judge("p99, ms", 30, control=10, most=20)
    assert lines[0].split() == ["unread", "p99,", "ms", "30", "10", "<=", "20",
                                "MISSED"]


def test_the_results_are_json():
    table = table_of({"value": 1, "control": 4, "least": 2})
    table.judge("p99", math.inf, most=1)
    table.fail("no attack")
    file = io.StringIO()
    table.dump(file, {"short": True})
    found = json.loads(file.getvalue())
    assert found["facts"] == {"short": True}
    row, endless = found["rows"]
    assert (endless["value"], endless["met"]) == (None, False)
    assert (row["value"], row["control"], row["least"], row["met"]) == (
        1, 4, 2, False)
    assert found["not_measured"] == [{"scenario": "herd", "why": "no attack"}]
