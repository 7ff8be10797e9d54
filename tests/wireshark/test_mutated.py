# SPDX-License-Identifier: MIT
"""Whatever a capture holds: no error, and an end.

A few hundred mutated captures in each run, SMX_MUTATED of them if it is set.
Each is one of ours with a client of its own, a few hundred to a file.
"""

import os
import random

import pytest

from pcap import CAPTURES, read, write
from tshark import tshark

COUNT = int(os.environ.get("SMX_MUTATED", 300))
IN_A_FILE = 500
SEED = int(os.environ.get("SMX_SEED", random.randrange(2**32)))
HEADERS = 14 + 20 + 20
NAMES = sorted(path.stem for path in CAPTURES.glob("*.pcap"))


# Of a capture: a list of packets.

def drop(dice, packets):
    del packets[dice.randrange(len(packets))]


def drop_beginning(dice, packets):
    del packets[:dice.randrange(len(packets))]


def double(dice, packets):
    packets.insert(dice.randrange(len(packets)), dice.choice(packets))


def shuffle(dice, packets):
    at = dice.randrange(len(packets))
    part = packets[at:at + 6]
    dice.shuffle(part)
    packets[at:at + 6] = part


def change(dice, packets, **makers):
    at = dice.randrange(len(packets))
    packets[at] = packets[at].but(**{
        name: make(packets[at]) for name, make in makers.items()})


def renumber(dice, packets):
    """A sequence number that is a bit off, or far."""
    change(dice, packets, seq=lambda packet: (packet.seq + dice.choice(
        (dice.randint(-200, 200), dice.randrange(2**32)))) % 2**32)


def reacknowledge(dice, packets):
    change(dice, packets, ack=lambda packet: (packet.ack + dice.choice(
        (dice.randint(-200, 200), dice.randrange(2**32)))) % 2**32)


def reflag(dice, packets):
    change(dice, packets, flags=lambda packet: dice.randrange(64))


def retime(dice, packets):
    change(dice, packets, time=lambda packet: packet.time + dice.choice(
        (-3, -0.01, 0.01, 1.5, 10**8)))


def turn_round(dice, packets):
    at = dice.randrange(len(packets))
    packets[at] = packets[at].but(
        source=packets[at].target, target=packets[at].source)


def split(dice, packets):
    at = dice.randrange(len(packets))
    size = len(packets[at])
    if size > 1:
        places = sorted(dice.sample(range(1, size), dice.randint(
            1, min(size - 1, 20))))
        packets[at:at + 1] = packets[at].split(*places)


def put_in(dice, packets):
    """Bytes that nobody sent: rubbish, or what others say."""
    def payload(packet):
        at = dice.randint(0, len(packet))
        more = dice.choice((
            dice.randbytes(dice.choice((1, 2, 3, 50, 128, 1400))),
            b"SMX1-XX\n", b"\x00\x30", b"\xff\xff", packet.payload * 30,
            dice.choice(packets).payload))
        return packet.payload[:at] + more + packet.payload[at:]
    change(dice, packets, payload=payload)


def cut_out(dice, packets):
    def payload(packet):
        at = dice.randint(0, len(packet))
        return packet.payload[:at] + packet.payload[at + dice.randint(1, 60):]
    change(dice, packets, payload=payload)


def flip(dice, packets):
    def payload(packet):
        changed = bytearray(packet.payload)
        for _ in range(dice.randint(1, 9) if changed else 0):
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        return bytes(changed)
    change(dice, packets, payload=payload)


MUTATORS = (drop, drop_beginning, double, shuffle, renumber, reacknowledge,
            reflag, retime, turn_round, split, put_in, cut_out, flip)


def raw(dice, packet):
    """A frame; now and then it is damaged, or captured in part only."""
    frame = bytearray(packet.frame())
    length = len(frame)
    if dice.random() < 0.02:
        frame[dice.randrange(14, HEADERS)] ^= 1 << dice.randrange(8)
    if dice.random() < 0.02:
        del frame[dice.randrange(len(frame)):]
    return packet.time, bytes(frame), length


def mutated(dice, number):
    packets = list(dice.choice(ORIGINALS))
    for _ in range(dice.randint(1, 6)):
        if packets:
            dice.choice(MUTATORS)(dice, packets)
    client = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    for packet in packets:
        side = "target" if packet.source[1] == 1337 else "source"
        yield packet.but(**{side: (client, getattr(packet, side)[1])})


ORIGINALS = [read(name) for name in NAMES]


@pytest.mark.parametrize("first", range(0, COUNT, IN_A_FILE))
def test_mutated_captures_do_no_harm(first, tmp_path):
    seed = SEED + first
    dice = random.Random(seed)
    frames = [raw(dice, packet)
              for number in range(first, min(first + IN_A_FILE, COUNT))
              for packet in mutated(dice, number)]
    path = write(tmp_path / f"mutated-{seed}.pcap", frames)
    passes = dice.choice((["-2"], ["-2", "-R", "tcp"], []))
    try:
        text = tshark(path, "-V", "-O", "smx", *passes)
        assert text.count("\nSimple message exchange") > 0
    except BaseException:
        print(f"seed {seed}: SMX_SEED={SEED} SMX_MUTATED={COUNT}")
        raise
