# SPDX-License-Identifier: MIT
"""Both sides of the xor exchange, written from docs/protocol.md alone.

`Client` and `Session` (what `Server` makes of each connection) share no line
with the C programs, so that each of those can be tested against a stranger.

With original=True either side does what the first Python programs did: it
takes whatever one recv(1024) returns for one flight or for one message. (One
thing is not imitated: at end of stream the original server answered errors
for ever; this one leaves.)
"""

import datetime
import itertools
import random
import secrets
import socket
import threading

KEY_BYTES = 128         # X, and every flight
MASK_BYTES = 64         # C and S
MESSAGE_BYTES = 1024    # the longest message, and one recv of the original

WORDS = (b"TIME", b"DATE", b"TEMP", b"END")
SPACE = b"\t\n\v\f\r "
ERROR = bytes.fromhex("deadbeef")
REPLY_BYTES = {b"TIME": 15, b"DATE": 10}    # of TEMP only silence is the end

FIRST_REQUEST_DELAY = 0.02      # an original server must see XS by itself
SILENCE = 0.02                  # ends a reply whose length is not known
REST_OF_WORD = 1.0              # how long half a word waits for its rest
PATIENCE = 15.0                 # nothing here waits longer than this


def draw(count):
    """So many random bytes, each of them uniform in 1..255."""
    return bytes(1 + secrets.randbelow(255) for _ in range(count))


def xor(data, key):
    """Add a key that repeats; or take it off, which is the same."""
    return bytes(a ^ b for a, b in zip(data, itertools.cycle(key)))


def word_at_start(text):
    """The command word that the text begins with, if any, in capitals."""
    for word in WORDS:
        if text.upper().startswith(word):
            return word
    return None


def is_start_of_word(text):
    """Is the text a proper and non-empty prefix of a command word?"""
    return bool(text) and any(
        word.startswith(text.upper()) and word != text.upper()
        for word in WORDS)


def next_request(unread, key):
    """Find the first request among the unread (still encrypted) bytes.

    Returns the request and how many bytes it took: a command word, or what
    else was sent; or None when more bytes may make a word of it.
    """
    unread = unread[:MESSAGE_BYTES]
    text = xor(unread, key)
    stripped = text.lstrip(SPACE)
    word = word_at_start(stripped)
    if word:
        end = len(text) - len(stripped) + len(word)
        rest = xor(unread[end:], key)
        if word_at_start(rest) or is_start_of_word(rest):
            return word, end                            # rule 1
        if not text[end:].strip(SPACE):
            return word, len(unread)                    # rule 2
    elif is_start_of_word(stripped):
        return None                                     # rule 3
    return text, len(unread)                            # rule 4


class Connection:
    """What both sides need: bytes, messages, and the end."""

    def __init__(self, sock, original=False):
        self.sock = sock
        self.original = original
        self.key = None
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive_exactly(self, count):
        received = b""
        while len(received) < count:
            piece = self.sock.recv(count - len(received))
            if not piece:
                raise ConnectionError(f"ended after {len(received)} bytes")
            received += piece
        return received

    def receive_flight(self):
        if self.original:
            return self.sock.recv(MESSAGE_BYTES)
        return self.receive_exactly(KEY_BYTES)

    def receive_within(self, seconds):
        """What one recv returns, or None if nothing comes in that time."""
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(MESSAGE_BYTES)
        except socket.timeout:
            return None
        finally:
            self.sock.settimeout(PATIENCE)

    def receive_until_end(self):
        """Everything up to the other side's end of stream."""
        return b"".join(iter(lambda: self.sock.recv(65536), b""))

    def ended_within(self, seconds):
        """Does the other side close (or reset) in that time, and say nothing?

        A byte that comes instead counts as "no".
        """
        try:
            return self.receive_within(seconds) == b""
        except ConnectionError:
            return True

    def seal(self, *messages):
        """Encrypt; the key starts again with every message."""
        return b"".join(xor(message, self.key) for message in messages)

    def send(self, *messages):
        """Send messages, all of them in one call."""
        self.sock.sendall(self.seal(*messages))

    def finish_sending(self):
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Client(Connection):
    """The side that connects, draws X and C, and asks."""

    def __init__(self, address, original=False, key=None, receive_buffer=0):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                            receive_buffer)
        super().__init__(sock, original)
        self.key = key or draw(KEY_BYTES)
        self.mask = draw(MASK_BYTES)
        try:
            sock.connect(address)
        except OSError:
            sock.close()
            raise
        self.address = sock.getsockname()[:2]

    def flight_1(self):
        return xor(self.key, self.mask)

    def flight_3(self, flight_2):
        return xor(flight_2, self.mask)

    def handshake(self):
        self.sock.sendall(self.flight_1())
        self.sock.sendall(self.flight_3(self.receive_flight()))
        return self

    def receive_reply(self, word=b"?"):
        """The reply to a command word, or to something that is none."""
        if self.original:
            return self.seal(self.sock.recv(MESSAGE_BYTES))
        first = self.receive_exactly(1)
        if self.seal(first) == ERROR[:1]:
            return self.seal(first + self.receive_exactly(3))
        if word in REPLY_BYTES:
            rest = self.receive_exactly(REPLY_BYTES[word] - 1)
            return self.seal(first + rest)
        return self.seal(first + self.receive_until_silence())

    def receive_until_silence(self):
        received = b""
        piece = self.receive_within(SILENCE)
        while piece:
            received += piece
            piece = self.receive_within(SILENCE)
        return received

    def ask(self, request):
        self.send(request)
        return self.receive_reply(word_at_start(request.strip()))


class Session(Connection):
    """The side that is connected to, draws S, and answers."""

    def __init__(self, sock, original=False):
        super().__init__(sock, original)
        self.mask = draw(MASK_BYTES)
        self.flights = []
        self.requests = []
        self.unread = b""

    def handshake(self):
        flight_1 = self.receive_flight()
        flight_2 = xor(flight_1, self.mask)
        self.send_flight(flight_2)
        flight_3 = self.receive_flight()
        self.key = xor(flight_3, self.mask)
        self.flights = [flight_1, flight_2, flight_3]
        return self

    def send_flight(self, flight_2):
        self.sock.sendall(flight_2)

    def receive_request(self):
        """The next request, stripped; None at the end of the stream."""
        if self.original:
            text = self.seal(self.sock.recv(MESSAGE_BYTES))
        else:
            text = self.recover_request()
        if not text:
            return None
        request = text.strip(SPACE).upper()
        self.requests.append(request)
        return request

    def recover_request(self):
        while True:
            found = self.unread and next_request(self.unread, self.key)
            if found:
                text, taken = found
                self.unread = self.unread[taken:]
                return text
            limit = REST_OF_WORD if self.unread else PATIENCE
            piece = self.receive_within(limit)
            if piece:
                self.unread += piece
            else:
                text, self.unread = self.seal(self.unread), b""
                return text

    def answer(self, request):
        now = datetime.datetime.now()
        if request == b"TIME" and self.original and now.microsecond == 0:
            return now.strftime("%H:%M:%S").encode()
        if request == b"TIME":
            return now.strftime("%H:%M:%S.%f").encode()
        if request == b"DATE":
            return now.strftime("%Y-%m-%d").encode()
        if request == b"TEMP":
            return str(random.randint(-100, 100)).encode()
        return ERROR

    def serve(self):
        """A whole session, up to END or the end of the stream."""
        self.handshake()
        for request in iter(self.receive_request, None):
            if request == b"END":
                break
            self.send(self.answer(request))


class Server:
    """Listens, and runs a script over each session in a thread of its own.

    The script is a function of the session; without one the session, whose
    class may be a changed one, serves. What a script asserts in vain is in
    `failures`; that a client hangs up is none.
    """

    def __init__(self, script=None, original=False, host="127.0.0.1", port=0,
                 session_class=Session):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, port), family=family)
        self.address = self.listener.getsockname()[:2]
        self.script = script or session_class.serve
        self.session_class = session_class
        self.original = original
        self.sessions = []
        self.failures = []
        self.threads = []
        self.lock = threading.Lock()    # none in there has yet to start
        self.start(self.accept)

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        with self.lock:
            thread.start()
            self.threads.append(thread)

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            session = self.session_class(sock, self.original)
            self.sessions.append(session)
            self.start(self.run, session)

    def run(self, session):
        with session:
            try:
                self.script(session)
            except OSError:
                pass
            except Exception as failure:    # shown by whoever started us
                self.failures.append(failure)

    def wait(self):
        """Until every session is over; then the sessions."""
        with self.lock:
            threads = self.threads[1:]
        for thread in threads:
            thread.join(PATIENCE)
        return self.sessions

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.threads[0].join(PATIENCE)  # no session comes after this
        self.listener.close()
        self.wait()
