# SPDX-License-Identifier: MIT
"""Both sides of the noise exchange, written from docs/protocol.md alone.

The handshake and its primitives are those of dissononce, a package that has
nothing to do with libsodium; the magic, the frames and their padding are
written here. `Client`, and `Session` (what `xor_peer.Server` makes of each
connection when told so), are used like their namesakes of the xor exchange.

For whoever looks for secrets where none should be, each side keeps a list of
all that its handshake was made of.
"""

import base64
import pathlib
import socket

import pytest

import xor_peer

pytest.importorskip("dissononce", reason="dissononce is not installed")

from dissononce.cipher.chachapoly import ChaChaPolyCipher       # noqa: E402
from dissononce.dh.x25519.private import PrivateKey             # noqa: E402
from dissononce.dh.x25519.x25519 import X25519DH                # noqa: E402
from dissononce.exceptions.decrypt import (                     # noqa: E402
    DecryptFailedException as WrongTag)
from dissononce.hash.sha256 import SHA256Hash                   # noqa: E402
from dissononce.processing.handshakepatterns.interactive.XX import (  # noqa
    XXHandshakePattern)
from dissononce.processing.impl.cipherstate import CipherState  # noqa: E402
from dissononce.processing.impl.handshakestate import (         # noqa: E402
    HandshakeState)
from dissononce.processing.impl.symmetricstate import (         # noqa: E402
    SymmetricState)

MAGIC = b"SMX1-XX\n"
FLIGHT_BYTES = (40, 96, 64)
MESSAGE_BYTES = 1024
TAG_BYTES = 16
STEP_BYTES = 32     # messages are padded to a multiple of it
FRAME_BYTES = 50    # what is asked and answered here fits one step

__all__ = ["Client", "Session", "WrongTag"]


def new_identity():
    """A key pair."""
    return X25519DH().generate_keypair()


def load_identity(path):
    """The key pair whose secret half a key file holds."""
    line, = pathlib.Path(path).read_text().splitlines()
    secret = base64.b64decode(line, validate=True)
    return X25519DH().generate_keypair(PrivateKey(secret))


def text_of(identity):
    """A public key as the programs show it."""
    return base64.b64encode(identity.public.data).decode()


def save_identity(identity, path):
    """Make a key file that the programs accept; its path."""
    path = pathlib.Path(path)
    path.touch(0o600)
    path.write_bytes(base64.b64encode(identity.private.data) + b"\n")
    return path


class Remembering(SymmetricState):
    """Keeps what was mixed in and what came of it."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.secrets = []

    def mix_key(self, input_key_material):
        super().mix_key(input_key_material)
        self.secrets += [input_key_material, self._ck, self._cipherstate._key]


class Connection(xor_peer.Connection):
    """What both sides need: the handshake, and messages in frames."""

    def __init__(self, sock, is_initiator, identity=None, magic=MAGIC):
        super().__init__(sock)
        self.identity = identity or new_identity()
        self.magic = magic
        self.symmetric = Remembering(CipherState(ChaChaPolyCipher()),
                                     SHA256Hash())
        self.noise = HandshakeState(self.symmetric, X25519DH())
        self.noise.initialize(XXHandshakePattern(), is_initiator, magic,
                              s=self.identity)
        self.ciphers = None     # for sending, for receiving
        self.flights = []

    def write_flight(self):
        flight = bytearray(b"" if self.flights else self.magic)
        self.note(self.noise.write_message(b"", flight), flight)
        return bytes(flight)

    def read_flight(self, flight):
        skip = 0 if self.flights else len(self.magic)
        assert flight[:skip] == self.magic[:skip]
        payload = bytearray()
        self.note(self.noise.read_message(flight[skip:], payload), flight)
        assert payload == b""

    def note(self, ciphers, flight):
        self.flights.append(bytes(flight))
        assert len(flight) == FLIGHT_BYTES[len(self.flights) - 1]
        if ciphers:
            self.ciphers = ciphers if len(self.flights) == 3 else None

    def send_flight(self):
        self.sock.sendall(self.write_flight())

    def receive_flight(self):
        self.read_flight(self.receive_exactly(FLIGHT_BYTES[len(self.flights)]))

    @property
    def peer_key(self):
        return base64.b64encode(self.noise.rs.data).decode()

    @property
    def sending(self):
        return self.ciphers[0 if self.is_initiator else 1]

    @property
    def receiving(self):
        return self.ciphers[1 if self.is_initiator else 0]

    def secrets(self):
        """Everything that nobody may find in either program afterwards."""
        found = [*self.symmetric.secrets, self.noise.e.private.data]
        if self.ciphers:
            found += [cipher._key for cipher in self.ciphers]
        return found

    def seal(self, *messages):
        """Each message in its frame."""
        frames = b""
        for message in messages:
            padded = message + bytes(-len(message) % STEP_BYTES)
            sealed = self.sending.encrypt_with_ad(b"", padded)
            frames += len(sealed).to_bytes(2, "big") + sealed
        return frames

    def receive_frame(self):
        """The next frame as it is on the wire; b"" at the end."""
        length = self.sock.recv(1)
        if not length:
            return b""
        length += self.receive_exactly(1)
        count = int.from_bytes(length, "big")
        assert (count - TAG_BYTES) % STEP_BYTES == 0
        assert STEP_BYTES <= count - TAG_BYTES <= MESSAGE_BYTES
        return length + self.receive_exactly(count)

    def open(self, frame):
        """The message in a frame."""
        padded = self.receiving.decrypt_with_ad(b"", frame[2:])
        message = padded.rstrip(b"\0")
        assert message and len(padded) - len(message) < STEP_BYTES
        return message

    def ends_with_reset(self):
        """Is a reset the next thing, with not a byte before it?"""
        try:
            self.sock.recv(1)
        except ConnectionResetError:
            return True
        return False


class Client(Connection):
    """The side that connects and asks."""

    is_initiator = True

    def __init__(self, address, identity=None, magic=MAGIC):
        sock = socket.create_connection(address, xor_peer.PATIENCE)
        super().__init__(sock, True, identity, magic)
        self.address = sock.getsockname()

    def handshake(self):
        self.send_flight()
        self.receive_flight()
        self.send_flight()
        return self

    def receive_reply(self):
        frame = self.receive_frame()
        assert len(frame) in (0, FRAME_BYTES)
        return frame and self.open(frame)

    def ask(self, request):
        self.send(request)
        return self.receive_reply()


class Session(Connection):
    """The side that is connected to and answers."""

    is_initiator = False
    answer = xor_peer.Session.answer

    def __init__(self, sock, original=False, identity=None):
        super().__init__(sock, False, identity)
        self.original = original
        self.requests = []

    def handshake(self):
        self.receive_flight()
        self.send_flight()
        self.receive_flight()
        return self

    def receive_request(self):
        """The next request, stripped; None at the end of the stream."""
        frame = self.receive_frame()
        if not frame:
            return None
        assert len(frame) == FRAME_BYTES
        self.requests.append(self.open(frame).strip(xor_peer.SPACE).upper())
        return self.requests[-1]

    serve = xor_peer.Session.serve


def session_of(identity):
    """The class of sessions with this identity."""
    class Known(Session):
        def __init__(self, sock, original=False):
            super().__init__(sock, original, identity)
    return Known
