# SPDX-License-Identifier: MIT
"""The server under torture: start, both exchanges, requests, reload, stop."""

import contextlib
import dataclasses
import pathlib
import signal
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))

import xor_peer                                                 # noqa: E402
from run import LIMIT, Program, Wrong, until                    # noqa: E402
from scenes import KEY_FILE, check_answers, put                 # noqa: E402


WAITS = "accept4", "poll", "ppoll", "epoll_wait"
# libsodium then opens a device, and keeps it open.
OPENS_ONE = "getrandom", "getentropy"


class Waits(Wrong):
    """A client has no reply, and its connection lasts."""


def visit_xor(place):
    """A whole session of a stranger to the C code: was it served?"""
    try:
        with xor_peer.Client(place.address) as client:
            client.sock.settimeout(LIMIT * place.patience)
            client.handshake()
            answers = [client.ask(word) for word in (b"TIME", b"DATE")]
            client.send(b"END")
            client.receive_until_end()
    except socket.timeout:
        raise Waits("a client of xor waits for ever") from None
    except OSError:
        return False
    if xor_peer.ERROR in answers:
        return False
    check_answers(" ".join(map(bytes.decode, answers)), 1, 1)
    return True


def visit_noise(place):
    """A session of the real client, without faults."""
    program = Program(place.visitor, None, "smx-client", "--secure", "--timeout",
                      "2", "--server-key", place.server_key, "--identity",
                      place.root / "client.key", *place.address, "time")
    try:
        status = program.wait(2 + LIMIT)
    finally:
        program.end()
    if status == 4:
        raise Waits("a client of noise waits for ever")
    if status == 0:
        check_answers(program.out, 1, 0)
    return status == 0


@dataclasses.dataclass
class Visitor:
    """The place of the real clients: what Program needs of one."""
    build: pathlib.Path
    folder: pathlib.Path
    patience: float


@dataclasses.dataclass
class ServerScene:
    name: str
    program: str = "smx-server"
    words: tuple = ()
    visits: tuple = (visit_xor, visit_noise)

    def run(self, place, control, fault):
        folder = place.fresh()
        put("authorized", f"{place.client_public} visitor\n")(place)
        put("old.key", KEY_FILE)(place)
        put("server.key", place.server_secret)(place)
        (folder / "visitor").mkdir()
        place.visitor = Visitor(place.build, folder / "visitor",
                                place.patience)
        words = [folder / word[1:] if word[0] == "@" else word
                 for word in self.words]
        program = Program(place, control, self.program, "--host",
                          place.address[0], "--port", str(place.address[1]),
                          "--key", folder / "server.key", *words)
        try:
            self.go_through(place, control, program, fault)
        finally:
            program.end()

    def go_through(self, place, control, program, fault):
        if self.wait_for_start(place, program):
            self.visit_all(place, fault)
            for number in signal.SIGHUP, signal.SIGUSR1:
                program.process.send_signal(number)
            self.visit_all(place, fault)
            if not program.is_over():
                self.judge_afterwards(place, control, program, fault)
            if not program.is_over():
                program.process.terminate()
        status = program.wait()
        is_mute = fault and fault[0].startswith("write")
        program.judge_end(status, (0, 1) if fault else (0,), is_mute)

    def visit_all(self, place, fault):
        for visit in self.visits:
            try:
                visit(place)
            except Waits:
                # For as long as none can be accepted, or waited for.
                if not (fault and fault[0] in WAITS):
                    raise

    def wait_for_start(self, place, program):
        """It listens, or it is over; nothing else may last."""
        def listens():
            with contextlib.suppress(OSError), socket.create_connection(
                    place.address, LIMIT):
                return True
            return program.is_over()
        if not until(listens, LIMIT * place.patience):
            raise Wrong("neither starts nor fails")
        return not program.is_over()

    def judge_afterwards(self, place, control, program, fault):
        """A fault that is over has left nothing behind; it may come now."""
        def is_served(visit):
            is_over = control.hits > 0
            if is_over:
                control.disarm()
            try:
                return visit(place)
            except Waits:
                if is_over or not control.hits:
                    raise
                return False
        for visit in self.visits:
            if not until(lambda: is_served(visit), 4 * LIMIT):
                if program.is_over():
                    return
                raise Wrong(f"afterwards, {visit.__name__} is not served")
        most = place.baseline.setdefault(self.name, program.descriptors())
        most += bool(fault and fault[0] in OPENS_ONE)
        if most and not until(
                lambda: (program.descriptors() or 0) <= most, LIMIT):
            raise Wrong(f"{program.descriptors()} descriptors, not {most}: "
                        f"{program.open_files()}")


SERVERS = [
    ServerScene("server: one thread", words=("-t", "1")),
    ServerScene("server: three threads", words=("-t", "3")),
    ServerScene("server: all its files", words=(
        "-t", "1", "--old-key", "@old.key", "--authorized-keys",
        "@authorized"), visits=(visit_noise,)),
    ServerScene("server: poll", "smx-server-poll", ("-t", "1")),
    ServerScene("server: poll, two threads, secure", "smx-server-poll", (
        "-t", "2", "--require-secure"), visits=(visit_noise,)),
]


def prepare_keys(place):
    """Those of the server and its clients, made once."""
    public = {}
    for name in "server", "client":
        path = place.root / f"{name}.key"
        public[name] = subprocess.run(
            [place.build / "src/smx-keygen", path], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()
    place.server_secret = (place.root / "server.key").read_text()
    place.server_key, place.client_public = public["server"], public["client"]
