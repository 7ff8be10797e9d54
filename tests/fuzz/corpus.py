# SPDX-License-Identifier: MIT
"""Writes the hand-made inputs of the fuzz corpora beside itself.

    python3 tests/fuzz/corpus.py

What a fuzzer found is there too, under other names.
"""

import base64
from pathlib import Path

HERE = Path(__file__).parent / "corpus"
TIME, DATE, TEMP, NOTHING = range(4)
LATE = 0x80


def write(harness, name, content):
    folder = HERE / harness
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def chunk(data, bits=NOTHING, late=0):
    """One chunk as fuzz.h reads it; a flight of 128 bytes counts as 0."""
    assert len(data) < 32 or len(data) == 128
    return bytes([late | bits << 5 | len(data) % 128]) + data


def chunks(data, step=31):
    return b"".join(chunk(data[i:i + step])
                    for i in range(0, len(data), step))


def xor(data, key):
    return bytes(byte ^ key for byte in data)


# --- a server: S is all 1, so a third flight of ones makes the key all 0 ---

FLIGHTS = chunk(bytes(128)) + chunk(b"\1" * 128)
SERVER = {
    "nothing": b"",
    "first-flight": chunk(bytes(128)),
    "flights": FLIGHTS,
    "flights-in-pieces": chunks(bytes(128) + b"\1" * 128, 7),
    "session": FLIGHTS + chunk(b"TIMEDATETEMPEND"),
    "session-byte-by-byte":
        chunks(bytes(128) + b"\1" * 128 + b"TIMEDATETEMPEND", 1),
    "joined": chunks(bytes(128) + b"\1" * 128 + b"TIMEDATETEMPEND"),
    "another-key": chunk(bytes(128)) + chunk(b"\3" * 128)
        + chunk(xor(b"time", 2)) + chunk(xor(b"END", 2)),
    "lone-T": FLIGHTS + chunk(b"T") + chunk(b"", late=LATE),
    "half-a-word": FLIGHTS + chunk(b"TIMEDA") + chunk(b"TE"),
    "white-space": FLIGHTS + chunk(b" \t\r\n\v\fTiMe\r\n") + chunk(b"  "),
    "unknown": FLIGHTS + chunk(b"hello") + chunk(b"\0") + chunk(b"TIMEX"),
    "noise": FLIGHTS + b"".join(chunk(b"\xff" * 128) for _ in range(9)),
    "after-END": FLIGHTS + chunk(b"ENDTIME") + chunk(b"TIME"),
    "magic": chunk(b"SMX1-XX\n"),
    "magic-in-pieces": chunks(b"SMX1-XX\n" + b"\2" * 32, 3),
    "almost-magic": chunk(b"SMX1-XY\n") + chunk(bytes(128)),
}

# --- a client: C and X are all 1 ---

OPEN = b"\0" + chunk(bytes(128))
REPLIES = {
    "time": chunk(xor(b"12:34:56.789012", 1), TIME),
    "time-in-two": chunk(xor(b"12:34:", 1), TIME)
        + chunk(xor(b"56.789012", 1)),
    "time-of-the-original": chunk(xor(b"12:34:56", 1), TIME)
        + chunk(b"", late=LATE),
    "date": chunk(xor(b"2024-11-25", 1), DATE),
    "temperature": chunk(xor(b"-7", 1), TEMP) + chunk(b"", late=LATE),
    "only-minus": chunk(xor(b"-", 1), TEMP) + chunk(b"", late=LATE),
    "error": chunk(xor(b"\xde\xad\xbe\xef", 1), TIME),
    "half-an-error": chunk(xor(b"\xde\xad", 1), TEMP)
        + chunk(b"", late=LATE),
    "wrong-form": chunk(xor(b"25:00:00.000000", 1), TIME),
    "too-much": chunk(xor(b"2024-11-251", 1), DATE),
    "pipelined": chunk(b"", TIME) + chunk(b"", DATE)
        + chunk(xor(b"12:34:56.7890122024-11-25", 1)),
    "33-requests": b"".join(chunk(b"", TIME) for _ in range(33)),
}
CLIENT = {name: OPEN + rest for name, rest in REPLIES.items()} | {
    "nothing": b"\0",
    "flight-in-pieces": b"\0" + chunks(bytes(128), 5),
    "not-asked": OPEN + chunk(xor(b"7", 1)),
    "noise-of-zeros": b"\1" + chunks(bytes(96)),
}

# --- recovery: the clear, or a key in front ---

LATE_NOW, KEY = 1, 8
KEYED = bytes([KEY]) + bytes(range(1, 129))
RECOVER = {
    "word": b"\0TIME",
    "words": b"\0TIMEdateTempENd",
    "word-and-half": b"\0TIMEDA",
    "word-and-half-late": b"\1TIMEDA",
    "white-space": b"\0 \t\n\v\f\rTIME\r\n",
    "only-white-space": b"\0   ",
    "full-window": b"\0" + b" " * 1020 + b"TIMEDATE",
    "full-window-half-a-word": b"\0" + b" " * 1021 + b"TIME",
    "more-than-a-window": b"\0" + b"x" * 1025,
    "under-a-key": KEYED + bytes(a ^ b for a, b in zip(b"TIME", range(1, 5))),
    "time": b"\00012:34:56.789012",
    "short-time-late": b"\00112:34:56",
    "date": b"\0022024-11-25",
    "temperature-late": b"\005-100",
    "minus-late": b"\005-",
    "error": b"\000\xde\xad\xbe\xef",
    "half-an-error": b"\001\xde\xad",
}

# --- an attacker between two sides: what is done, to how many bytes (0: to
# --- all that were said), with what is on its way up or down

DROP, TWICE, FLIP, DOWN = 0x20, 0x40, 0x60, 0x80
OPENED = bytes([0, DOWN, 0])
NOISE = {
    "untouched": bytes([0, DOWN] * 8),
    "in-pieces": bytes([7, DOWN | 31] * 60),
    "byte-by-byte": bytes([1, DOWN | 1] * 300),
    "32-requests": OPENED + bytes([DOWN] * 33 + [0, DOWN] * 2),
    "flight-1-flipped": bytes([FLIP, DOWN]),
    "flight-1-twice": bytes([TWICE, DOWN, 0]),
    "magic-flipped": bytes([FLIP | 8, 0]),
    "flight-2-cut": bytes([0, DOWN | 31, DOWN | DROP | 1, DOWN]),
    "flight-2-flipped": bytes([0, DOWN | FLIP]),
    "flight-2-twice": bytes([0, DOWN | TWICE, 0, DOWN]),
    "flight-3-dropped": bytes([0, DOWN, DROP, 0, DOWN, 0]),
    "flight-3-flipped": bytes([0, DOWN, FLIP]),
    "flight-3-twice": bytes([0, DOWN, TWICE, DOWN]),
    "request-dropped": OPENED + bytes([DROP, 0, DOWN]),
    "request-flipped": OPENED + bytes([FLIP]),
    "request-twice": OPENED + bytes([TWICE, DOWN]),
    "reply-dropped": OPENED + bytes([0, DOWN | DROP, 0, DOWN]),
    "reply-flipped": OPENED + bytes([0, DOWN | FLIP]),
    "reply-twice": OPENED + bytes([0, DOWN | TWICE, DOWN]),
    "length-flipped": OPENED + bytes([FLIP | 1, FLIP | 1, 0]),
}

# --- files of keys

A, B = (base64.b64encode(bytes(range(i, i + 32))) for i in (0, 200))
KEY_FILE = {
    "key": A + b"\n",
    "no-line-end": A,
    "of-another-system": b"\xef\xbb\xbf\r\n \t" + A + b" \r\n\r\n",
    "two-keys": A + b"\n" + B + b"\n",
    "nothing": b"",
    "half-a-key": A[:30] + b"\n",
    "not-canonical": b"/" + A[1:43] + b"\n",
    "with-a-NUL": A[:20] + b"\0" + A[21:] + b"\n",
}
HOST = b"\x05\x39\x04host"         # port 1337
KNOWN_SERVERS = {
    "nothing": HOST,
    "one": HOST + b"[host]:1337 " + A + b"\n",
    "others": HOST + b"# those\n[other]:1337 " + A + b"\r[host]:1 " + B,
    "brackets": b"\0\1\5[::1]" + b"[[::1]]:1 " + A + b"\n",
    "an-IPv6-address": b"\0\1\3::1" + b"[0:0::1]:1 " + A + b"\n",
    "white-space": b"\0\1\3a b[a\\X20b]:1 \t " + A + b" \n",
    "half-an-escape": b"\0\1\3a b[a\\X2]:1 " + A + b"\n",
    "half-an-escape-in-a-long-name": b"\0\1\3a b[" + b"a" * 295 + b"\\X2]:1 "
        + A + b"\n",
    "a-name-too-long": b"\0\1\xff" + b"\n" * 300,
    "no-port": HOST + b"[host] " + A + b"\n",
    "no-key": HOST + b"[host]:1337\n",
    "a-port-too-long": HOST + b"[host]:133700 " + A + b"\n",
    "a-no-break-space": HOST + b"[host]:1337\xc2\xa0" + A + b"\n",
    "a-control-character": HOST + b"[host]:1337 \1" + A + b"\n",
    "17-keys": HOST + b"".join(
        b"[host]:1337 " + base64.b64encode(bytes([i] * 32)) + b"\n"
        for i in range(17)),
}
AUTHORIZED = {
    "nobody": b"# nobody\n",
    "nothing": b"",
    "two": A + b" first one\n" + B + b"\n",
    "twice": A + b" first\n" + A + b" again\n",
    "not-a-key": A[:-1] + b" first\n",
    "of-another-system": b"\xef\xbb\xbf" + A + b"\tname\r\n\r" + B,
    "the-added-one": base64.b64encode(b"\t\t\t" + bytes(29)) + b" there\n",
    "a-control-character": b"\x7f" + A + b"\n",
}

# --- words

OPTIONS = {
    "each": b"-f\0-t\0text\0-n\00080\0--seconds=0.5\0--choice\0two\0"
        b"-w\0DATE\0-l\0a\0--list=b\0one\0two",
    "short-ones-together": b"-ftx\0one",
    "after-two-dashes": b"--\0-f\0--flag",
    "abbreviated": b"--fl\0--num=1\0one",
    "ambiguous": b"--l\0--",
    "unknown": b"--unknown\0one",
    "no-argument": b"one\0-n",
    "an-argument-too-many": b"--flag=x\0one",
    "out-of-bounds": b"-n\00065536\0one",
    "not-a-number": b"-n\0000x1\0one",
    "a-time-too-long": b"--seconds\0003601\0one",
    "help": b"--help",
    "version": b"one\0-V",
    "too-few": b"-f",
    "too-many": b"a\0b\0c\0d",
    "39-of-a-list": b"-la" + b"\0-la" * 38 + b"\0one",
}
V4, V6 = b"\0\0\0\5\x39", b"\1\0\0\5\x39"
ADDRESSES = {
    "IPv4": V4 + b"\x7f\0\0\1" + bytes(8) + b"127.0.0.1",
    "IPv6": V6 + bytes(4) + bytes(15) + b"\1" + bytes(4) + b"0:0::1",
    "mapped": V6 + bytes(4) + bytes(10) + b"\xff\xff\x7f\0\0\1" + bytes(4)
        + b"::ffff:127.0.0.1",
    "link-local": V6 + bytes(4) + b"\xfe\x80" + bytes(13) + b"\1\2\0\0\0"
        + b"fe80:0::1%eth0",
    "a-name": V4 + bytes(12) + b"example.org",
    "too-long": V4 + bytes(12) + b"::1%" + b"x" * 80,
}
LOG = {
    "words": b"\0 from 127.0.0.1: no key",
    "coloured": b"\1 from [::1]:80",
    "control-characters": b"\0\x1b[2J\r\n\x7f\t\x90",
    "UTF-8": b"\0\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
    "C1-in-UTF-8": b"\0\xc2\x9b2J\xc2\xa0",
    "half-a-character": b"\0\xe2\x82",
    "too-long": b"\0" + b"\x1b" * 9000,
    "too-long-in-UTF-8": b"\1" + "\u20ac".encode() * 6000,
}

# --- a handshake: what is changed, and payloads behind their lengths

HANDSHAKE = {
    "untouched": b"\3\0\0",
    "with-payloads": b"\3\0\0\5hello\3you\1!",
    "message-0": b"\0\0\1",
    "message-0-mark": b"\0\x1f\x80",
    "message-1": b"\1\x40\1",
    "message-2": b"\2\0\xff",
    "a-payload": b"\2\x42\1\0\0\x09confident",
    "transport": b"\3\0\1",
}

# --- the same stream in pieces

CUTS = {
    "byte-by-byte": b"\0\0\0\0" + b"\1" * 600,
    "in-two": b"\0\0\0\0\x20",
    "flight-1-changed": b"\0\0\x10\1" + b"\7" * 90,
    "flight-3-changed": b"\0\0\x40\1" + b"\7" * 90,
    "a-request-changed": b"\0\0\x90\1" + b"\x0b" * 90,
    "a-length-changed": b"\0\0\x9b\1" + b"\1" * 600,
    "xor-byte-by-byte": b"\1\x80\x85\x82\x87\x80\x83" + b"\1" * 300,
    "xor-in-two": b"\1\x80\x85\x82\x83\x7f\x7f",
    "xor-at-once": b"\1\x80\x85\x82\x83",
}

# --- behind transparent primitives: a key is its own public key, a tag is the
# --- sum of what it seals


def sealed(data):
    return data + bytes([sum(data) % 256]) + bytes(15)


def frame(text, size=32):
    body = sealed(text.ljust(size, b"\0"))
    return len(body).to_bytes(2, "big") + body


MINE, ITS = b"\3" + bytes(31), b"\2" + bytes(31)
FLIGHT_1 = b"SMX1-XX\n" + b"\1" * 32
FLIGHT_2 = b"\1" * 32 + sealed(ITS) + sealed(b"")
FLIGHT_3 = sealed(MINE) + sealed(b"")
TO_SERVER = {
    "session": FLIGHT_1 + FLIGHT_3 + b"".join(
        map(frame, (b"TIME", b"date", b"TEMP", b"END"))),
    "unknown": FLIGHT_1 + FLIGHT_3 + frame(b"hello") + frame(b""),
    "large-frame": FLIGHT_1 + FLIGHT_3 + frame(b"TIME", 1024),
    "too-large": FLIGHT_1 + FLIGHT_3 + frame(b"TIME", 1056),
    "odd-length": FLIGHT_1 + FLIGHT_3 + b"\0\x31" + bytes(49),
    "wrong-tag": FLIGHT_1 + FLIGHT_3 + frame(b"TIME")[:-1] + b"\1",
    "wrong-flight": FLIGHT_1 + FLIGHT_3[:-1] + b"\1",
    "no-key": b"SMX1-XX\n" + b"\xff" * 32 + FLIGHT_3,
}
TO_CLIENT = {
    "session": FLIGHT_2 + frame(b"12:34:56.789012") + frame(b"2024-11-25")
        + frame(b"-7"),
    "error": FLIGHT_2 + frame(b"\xde\xad\xbe\xef"),
    "wrong-form": FLIGHT_2 + frame(b"25:00:00.000000"),
    "large-frame": FLIGHT_2 + frame(b"12:34:56.789012", 1024),
    "wrong-flight": FLIGHT_2[:-1] + b"\1",
}


def asking(stream):
    """In pieces, with a request ahead of each of the first."""
    pieces = [stream[i:i + 31] for i in range(0, len(stream), 31)]
    return b"\1" + b"".join(
        chunk(piece, i % 3 if i < 30 else NOTHING)
        for i, piece in enumerate(pieces))


TRANSPARENT_SERVER = {name: chunks(stream)
                      for name, stream in TO_SERVER.items()}
TRANSPARENT_CLIENT = {name: asking(stream)
                      for name, stream in TO_CLIENT.items()}

ALL = {
    "addresses": ADDRESSES, "authorized": AUTHORIZED, "cuts": CUTS,
    "key_file": KEY_FILE, "known_servers": KNOWN_SERVERS, "log": LOG,
    "noise": HANDSHAKE, "options": OPTIONS, "recover": RECOVER,
    "session_client": CLIENT, "session_noise": NOISE, "session_server": SERVER,
    "session_client_transparent": TRANSPARENT_CLIENT,
    "session_server_transparent": TRANSPARENT_SERVER,
}
for harness, inputs in ALL.items():
    for name, content in inputs.items():
        write(harness, name, content)
