# SPDX-License-Identifier: MIT
"""What the pages say about options and the wire, against the programs.

--help is printed from the table that options are read by, so it is the truth.
"""

import re
import socket

import pytest

from programs import ROOT, run
from xor_peer import PATIENCE, xor

PROGRAMS = "smx-server", "smx-client", "smx-keygen", "smx-bench"
PAGES = sorted(path.relative_to(ROOT) for pattern in (
    "*.md", "docs/*.md", "include/*.h", "man/*.scd")
    for path in ROOT.glob(pattern))
EVERYWHERE = "--help", "--version"

# What the pages say to other programs.
FOREIGN = {
    "--cflags": "pkg-config", "--libs": "pkg-config",
    "--suite": "meson test", "--list": "meson test", "--werror": "meson",
    "--markdown": "./dev bench", "--plots": "./dev bench",
    "--quick": "./dev bench", "--dry-run": "./dev release",
    "--short": "./dev hostile",
    "--from": "./dev simulate", "--seed": "./dev simulate, ./dev torture",
    "--tell": "./dev simulate", "--only": "./dev torture",
}
HELP_ROW = re.compile(
    r"^  (?:(-\w), |    )(--[\w-]+)(?: (\S+))?\s+(\S.*)$", re.M)
MAN_ROW = re.compile(r"^\*-.*$", re.M)
MAN_OPTION = re.compile(r"(?:\*(-\w)\*, )?\*(--[\w-]+)\*(?: (_[^ ]+))?")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
DEFAULT = re.compile(r"\bdefault(?::|\s+is)?\s+_?([A-Za-z\d.]*[A-Za-z\d])|\(([\d.]+)\)$",
                     re.I)


def printed_help(name):
    return run(name, "--help").stdout


def options_of_help(text):
    """Option: letter, argument, explanation."""
    return {name: (letter, argument, words) for letter, name, argument, words
            in HELP_ROW.findall(text)}


def section(page, title):
    return re.search(rf"^# {title}\n(.*?)(?=^# |\Z)", page, re.M | re.S)[1]


def options_of_man(page):
    text = section(page, "OPTIONS")
    rows = list(MAN_ROW.finditer(text))
    found = {}
    for row, after in zip(rows, [*rows[1:], None]):
        words = text[row.end():after.start() if after else len(text)]
        for letter, name, argument in MAN_OPTION.findall(row[0]):
            assert name not in found, f"{name} is there twice"
            found[name] = letter, argument.rstrip(",").replace("_", ""), words
    return found


def man(name):
    return (ROOT / "man" / f"{name}.1.scd").read_text()


def defaults(options):
    """Of options whose default is a value, not a description."""
    found = {}
    for name, (_, argument, words) in options.items():
        match = DEFAULT.search(words)
        value = match and (match[1] or match[2])
        if value and (value[0].isdigit() or value in argument.split("|")):
            found[name] = value
    return found


def words_of(text):
    return set(re.findall(r"[A-Za-z][\w:-]*", text.replace("*", "")
                          .replace("_", "")))


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_and_man_page_have_the_same_options(name):
    told = options_of_help(printed_help(name))
    assert set(EVERYWHERE) < set(told)
    assert {option: how[:2] for option, how in told.items()} == {
        option: how[:2] for option, how in options_of_man(man(name)).items()}


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_and_man_page_have_the_same_defaults(name):
    assert defaults(options_of_help(printed_help(name))) == defaults(
        options_of_man(man(name)))


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_and_man_page_have_the_same_operands(name):
    usage = re.match(r"Usage: (.*?)\n[A-Z]", printed_help(name), re.S)[1]
    assert words_of(usage) - {"OPTION", "public"} == \
        words_of(section(man(name), "SYNOPSIS")) - {"OPTION", "public"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_and_man_page_have_the_same_exit_statuses(name):
    told = re.search(r"^Exit status: (.*?)\.\n", printed_help(name),
                     re.M | re.S)
    if not told:
        return
    listed = set(re.findall(r"\*(\d+)\*", section(man(name), "EXIT STATUS")))
    assert set(re.findall(r"\b\d+", told[1])) <= listed


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_man_page_has_the_usual_sections(name):
    titles = re.findall(r"^# (.*)$", man(name), re.M)
    for title in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "FILES",
                  "ENVIRONMENT", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
        assert titles.count(title) == 1, title
    for title in "FILES", "EXIT STATUS", "EXAMPLES":
        assert len(section(man(name), title).split()) > 3


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_fits_a_terminal_of_80_columns(name):
    text = printed_help(name)
    assert [line for line in text.splitlines() if len(line) > 79] == []
    assert "\t" not in text and text.isascii()


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_has_examples_with_options_that_exist(name):
    text = printed_help(name)
    examples = re.search(r"^Examples:\n((?:  .*\n)+)\n", text, re.M)[1]
    lines = examples.splitlines()
    assert len(lines) >= 3
    for line in lines:
        command = re.split(r" {3,}", line.strip())[0].split()
        assert command[0] == name
        letters = [how[0] for how in options_of_help(text).values()]
        for word in command[1:]:
            assert not word.startswith("-") or word in letters \
                or word in options_of_help(text), line


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_names_only_options_that_exist(page):
    known = {name: set(options_of_help(printed_help(name)))
             for name in PROGRAMS}
    own = {page.name.partition(".")[0]} & set(PROGRAMS)
    for paragraph in (ROOT / page).read_text().split("\n\n"):
        # In a manual: of that program, or of one that is named beside.
        whose = own | {name for name in PROGRAMS if name in paragraph} \
            if own else PROGRAMS
        there = set(FOREIGN).union(*(known[name] for name in whose))
        assert set(OPTION.findall(paragraph.replace("*", " "))) <= there, \
            paragraph


def test_the_example_of_the_xor_exchange_is_true(server):
    page = (ROOT / "docs" / "protocol.md").read_text()
    example = re.search(r"An example with keys.*", page)[0]
    runs = [bytes.fromhex(run) for run in re.findall(
        r"`([0-9A-F]{2}(?: [0-9A-F]{2})+)`", example)]
    mine, both, theirs, request = runs
    key, ours = bytes(range(1, 129)), b"\x55" * 128
    flight = xor(key, ours)
    assert flight.startswith(mine)
    assert xor(flight, b"\xaa" * 128).startswith(both)
    assert xor(key, b"\xaa" * 128).startswith(theirs)
    running = server()
    with socket.create_connection(("127.0.0.1", running.port),
                                  PATIENCE) as peer:
        peer.sendall(flight)
        answer = peer.makefile("rb").read(128)
        peer.sendall(xor(answer, ours) + request)
        reply = peer.makefile("rb").read(15)
    assert re.fullmatch(rb"\d\d:\d\d:\d\d\.\d{6}", xor(reply, key))


def test_the_deadlines_of_the_wire_are_the_defaults():
    page = (ROOT / "docs" / "protocol.md").read_text()
    told = defaults(options_of_help(printed_help("smx-server")))
    for row, option in (("the three flights", "--handshake-timeout"),
                        ("the next request", "--idle-timeout")):
        assert re.search(rf"\| {row} \|.*\| {told[option]} s \|", page), row


def test_the_manual_of_the_library_has_all_that_the_header_has():
    header = (ROOT / "include" / "smx.h").read_text()
    manual = (ROOT / "man" / "libsmx.3.scd").read_text()
    calls = set(re.findall(r"^SMX_API[^;]*?\b(smx_\w+)\(", header, re.M))
    assert calls and calls == set(re.findall(
        r"\b(smx_\w+)\(", section(manual, "SYNOPSIS")))
    explained = manual.partition("# DESCRIPTION")[2]
    assert [call for call in calls if f"*{call}*()" not in explained] == []
    errors = set(re.findall(r"\bSMX_ERROR_\w+", header))
    assert errors == set(re.findall(r"\bSMX_ERROR_\w+", manual))
