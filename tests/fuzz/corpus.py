# SPDX-License-Identifier: MIT
"""Writes the hand-made inputs of the fuzz corpora beside itself.

    python3 tests/fuzz/corpus.py

What a fuzzer found is there too, under names that begin with "found-".
"""

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

for harness, inputs in (("session_server", SERVER),
                        ("session_client", CLIENT),
                        ("session_noise", NOISE), ("recover", RECOVER)):
    for name, content in inputs.items():
        write(harness, name, content)
