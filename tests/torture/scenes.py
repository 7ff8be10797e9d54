# SPDX-License-Identifier: MIT
"""What is tortured: a row for each command, and how its result is judged."""

import base64
import dataclasses
import datetime
import json
import re
from typing import Callable

from run import LIMIT, Program, Wrong, until

TIME = r"\d\d:\d\d:\d\d\.\d{6}"
DATE = r"\d{4}-\d\d-\d\d"
KEY = r"[A-Za-z0-9+/]{43}="
CLIENT = (0, 1, 3, 4, 5, 6)     # of the man pages, without wrong usage
OTHER_KEY = base64.b64encode(bytes(range(32))).decode()
KEY_FILE = base64.b64encode(bytes(range(1, 33))).decode() + "\n"
OLD_LINE = f"[192.0.2.1]:1337 {OTHER_KEY}\n"


def near(text):
    """Is it the time of day, give or take what a case lasts?"""
    now = datetime.datetime.utcnow()
    then = datetime.datetime.combine(
        now.date(), datetime.time.fromisoformat(text))
    gap = abs((now - then).total_seconds())
    return min(gap, 86400 - gap) < 10


def check_answers(text, times, dates):
    """So many of each, and all of them right."""
    found = re.findall(TIME, text)
    days = re.findall(rf"(?<![\d-]){DATE}(?![\d-])", text)
    if len(found) != times or len(days) != dates:
        raise Wrong(f"not {times} times and {dates} dates: {text!r}")
    today = datetime.datetime.utcnow().date()
    for one in found:
        if not near(one):
            raise Wrong(f"a wrong time: {one}")
    for day in days:
        if abs((datetime.date.fromisoformat(day) - today).days) > 1:
            raise Wrong(f"a wrong date: {day}")


def asked(times, dates):
    def judge(program, _):
        check_answers(program.out, times, dates)
    return judge


def trusted(program, place):
    """The key is remembered, or the user is told that it is not."""
    check_answers(program.out, 1, 0)
    path = place.folder / ".config/smx/known_servers"
    if not (path.exists() and place.helper.key in path.read_text()
            or program.err):
        raise Wrong("the key was silently not remembered")


def reported(program, _):
    report = json.loads(program.out)
    if report["errors"] or report["completed"] != 40:
        raise Wrong(f"status 0 in spite of {program.out}")
    if not report["latency"]["connect"]["count"]:
        raise Wrong("a report without its latencies")


def is_key(path):
    return bool(re.fullmatch(KEY + "\n", path.read_text()))


def key_made(program, place):
    if not is_key(place.folder / "key") or not is_key(
            place.folder / "smx-keygen.out"):
        raise Wrong("status 0 without a key")


def key_shown(program, _):
    if not re.fullmatch(KEY + "\n", program.out):
        raise Wrong(f"no key: {program.out!r}")


def forgotten(_, place):
    if (place.folder / "list").read_text() != OLD_LINE:
        raise Wrong("status 0, and not forgotten")


def authorized(_, place):
    text = (place.folder / "list").read_text()
    if text != f"{OTHER_KEY} first\n{KEY_FILE[:-1]} second\n":
        raise Wrong(f"status 0, and the list is {text!r}")


def put(name, text):
    def prepare(place):
        path = place.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(text)
    return prepare


def nothing(_):
    pass


@dataclasses.dataclass
class Command:
    """A program that ends by itself."""
    name: str
    program: str
    words: Callable
    judge: Callable                 # of a status 0
    prepare: Callable = nothing
    stdin: str = ""
    statuses: tuple = CLIENT
    seconds: float = LIMIT          # what it may take
    kept: tuple = ()                # private keys: no copy of them is left
    lists: tuple = ()               # files that always read

    def start(self, place, control):
        place.fresh()
        self.prepare(place)
        return Program(place, control, self.program, *self.words(place),
                       stdin=self.stdin)

    def run(self, place, control, fault):
        program = self.start(place, control)
        try:
            status = program.wait(self.seconds)
        finally:
            program.end()
        is_mute = fault and fault[0].startswith(("write", "fflush"))
        program.judge_end(status, self.statuses, is_mute)
        if status == 0:
            self.judge(program, place)
        self.judge_files(place)

    def judge_files(self, place):
        """No file of a list or key is damaged, and no copy of a key is left."""
        for name in self.kept:
            folder = (place.folder / name).parent
            for path in folder.glob(pathlib_name(name) + "*"):
                if not path.name.endswith(".lock") and path.is_file() and (
                        path.name != pathlib_name(name) or not is_key(path)):
                    raise Wrong(f"left: {path.name}, {path.read_text()!r}")
        for name in self.lists:
            path = place.folder / name
            text = path.read_text() if path.exists() else ""
            for line in text.splitlines(keepends=True):
                if not re.fullmatch(rf"(\S+ )?{KEY}( \w+)?\n", line):
                    raise Wrong(f"{name} is damaged: {text!r}")


def pathlib_name(name):
    return name.rpartition("/")[2]


def to_helper(*options):
    return lambda place: (*options, *place.helper.address)


def secure(*more):
    return lambda place: ("--secure", "--timeout", "1", *more,
                          *place.helper.address, "time")


def known(place):
    put(".config/smx/known_servers", OLD_LINE + place.helper.line)(place)


def in_folder(*words):
    """Those that name a file here."""
    return lambda place: [place.folder / word[1:] if word[0] == "@" else word
                          for word in words]


def bench(*options):
    return lambda place: ("--json", "-n", "40", "-c", "3", "-t", "2",
                          "--timeout", "1", *options, *place.helper.address)


def second_key(place):
    put("list", f"{OTHER_KEY} first\n")(place)


def first_place(place):
    put("list", OLD_LINE + f"[host]:1337 {OTHER_KEY}\n")(place)


MENU = "1\n2\ntime\n4\nDATE\n5\n"

COMMANDS = [
    Command("client: xor", "smx-client",
            lambda place: ("--timeout", "1", *place.helper.address, "time"),
            asked(1, 0), seconds=1 + LIMIT),
    Command("client: a new server", "smx-client", secure("--trust-new"),
            trusted, seconds=1 + LIMIT,
            lists=(".config/smx/known_servers",),
            kept=(".local/state/smx/client.key",)),
    Command("client: a known server", "smx-client", secure(), asked(1, 0),
            known, seconds=1 + LIMIT, lists=(".config/smx/known_servers",)),
    Command("client: a given key", "smx-client",
            lambda place: secure("--server-key", place.helper.key)(place),
            asked(1, 0), seconds=1 + LIMIT,
            kept=(".local/state/smx/client.key",)),
    Command("client: the menu", "smx-client", to_helper("--timeout", "1"),
            asked(2, 2), stdin=MENU, seconds=1 + LIMIT),
    Command("client: the secure menu", "smx-client",
            to_helper("--timeout", "1", "--secure"), asked(2, 2), known,
            stdin=MENU, seconds=1 + LIMIT),
    Command("bench: xor", "smx-bench", bench("--depth", "4"), reported,
            seconds=2 + LIMIT),
    Command("bench: noise", "smx-bench", bench("--secure", "--trust-new"),
            reported, seconds=2 + LIMIT),
    Command("bench: handshakes", "smx-bench", bench("--handshakes"),
            reported, seconds=2 + LIMIT),
    Command("bench: a schedule", "smx-bench", bench("--rate", "1000"),
            reported, seconds=2 + LIMIT),
    Command("keygen: a key", "smx-keygen", in_folder("@key"), key_made,
            statuses=(0, 1), kept=("key",)),
    Command("keygen: to stdout", "smx-keygen", in_folder("-"), key_shown,
            statuses=(0, 1)),
    Command("keygen: --public", "smx-keygen", in_folder("--public", "@key"),
            key_shown, put("key", KEY_FILE), statuses=(0, 1), kept=("key",)),
    Command("keygen: --forget", "smx-keygen",
            in_folder("--forget", "--known-servers", "@list", "host", "1337"),
            forgotten, first_place, statuses=(0, 1), lists=("list",)),
    Command("keygen: --authorize", "smx-keygen",
            in_folder("--authorize", "@list", KEY_FILE[:-1], "second"),
            authorized, second_key, statuses=(0, 1), lists=("list",)),
]


class Helper:
    """A server without faults, for the clients of a place."""

    def __init__(self, place):
        self.place = place
        self.folder = place.root / "helper"
        self.folder.mkdir(mode=0o700)
        self.build, self.patience = place.build, 5
        self.address = f"127.77.{place.number}.2", "1337"
        self.program = Program(
            self, None, "smx-server", "--host", self.address[0], "--port",
            self.address[1], "-q", "-t", "1")
        self.key = self.read_key()
        self.line = f"[{self.address[0]}]:{self.address[1]} {self.key}\n"

    def read_key(self):
        found = until(lambda: re.search(rf"Public key: ({KEY})",
                                        self.program.out), 10)
        if not found:
            raise Wrong(f"no helper: {self.program.err}")
        return found.group(1)
