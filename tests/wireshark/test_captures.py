# SPDX-License-Identifier: MIT
"""What the real programs said, as it is shown: captures and their texts."""

import os
import re

import pytest

from pcap import CAPTURES
from tshark import dissection, lines, tshark

ROOT = CAPTURES.parents[1]
NAMES = sorted(path.stem for path in CAPTURES.glob("*.pcap"))


def shortened(text):
    """How much of long bytes is shown depends on the version of tshark."""
    return re.sub(r"\b([0-9a-f]{48})[0-9a-f]*\N{HORIZONTAL ELLIPSIS}",
                  "\\1\N{HORIZONTAL ELLIPSIS}", text)


@pytest.mark.parametrize("name", NAMES)
def test_capture_is_dissected_as_its_text_says(name):
    expected = CAPTURES / f"{name}.txt"
    shown = dissection(CAPTURES / f"{name}.pcap")
    if os.environ.get("SMX_EXPECTED") == "1":
        expected.write_text(shown)
    assert shortened(shown) == shortened(expected.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_second_pass_that_is_the_first_to_know_shows_the_same(name):
    """Without a filter, the first pass of -2 has no fields to go by."""
    path = CAPTURES / f"{name}.pcap"
    shown = [line.strip() for line in tshark(path, "-2").splitlines()
             if " SMX " in line]
    assert shown == lines(path)


def test_readable_sessions_are_marked_once_each():
    """(A read filter, moreover, counts the packets anew.)"""
    only = "-2", "-R", "smx.readable"
    assert lines(CAPTURES / "reset.pcap", *only) == [
        "1 SMX Key exchange 3/3: XS (xor)", "2 SMX Key exchange 3/3: XS (xor)"]
    assert lines(CAPTURES / "noise.pcap", *only) == []


def test_every_filter_that_the_page_names_exists():
    page = (ROOT / "docs" / "wireshark.md").read_text()
    filters = re.findall(r"^\| `(smx\b[^`]*)` \|", page, re.M)
    assert len(filters) > 10
    filters += re.findall(r"`(smx\.(?!lua|ports)[a-z_.]+)`", page)
    tshark(CAPTURES / "xor.pcap", "-Y", " || ".join(f"({f})" for f in filters))
