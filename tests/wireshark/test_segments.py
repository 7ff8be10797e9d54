# SPDX-License-Identifier: MIT
"""However TCP cuts, joins, delays, repeats or loses it."""

import random

import pytest

from pcap import CAPTURES, read, with_bytes
from scenes import Scenes

XOR, NOISE = read("xor"), read("noise")
FLIGHTS = ["Key exchange 1/3: XC (xor)", "Key exchange 2/3: XCS (xor)",
           "Key exchange 3/3: XS (xor)"]
SAID = [line.split(": ", 1)[1]
        for line in (CAPTURES / "xor.txt").read_text().splitlines()
        if line.startswith(("        Request: ", "        Reply: "))]
TWICE = "-2", "-R", "tcp"   # both passes have fields
SEED = random.randrange(2**32)

scenes = Scenes()


# The numbers of packets that follow count only those with bytes: 0 to 2 are
# the flights, then come TIME, its reply, DATE, its reply, TEMP, its reply, END.

def pick(packets, number):
    return packets[with_bytes(packets)[number]]


def replace(packets, number, *others):
    at = with_bytes(packets)[number]
    return packets[:at] + list(others) + packets[at + 1:]


def split(packets, number, *places, order=None):
    parts = pick(packets, number).split(*places)
    return replace(packets, number, *(parts[i] for i in order) if order
                   else parts)


def join(packets, number):
    """A packet and the next one in one segment."""
    first, second = pick(packets, number), pick(packets, number + 1)
    return replace(replace(packets, number + 1), number,
                   first.but(payload=first.payload + second.payload))


def cut_everywhere(packets):
    return [part for packet in packets
            for part in packet.split(*range(1, len(packet)))]


def later(packets, number, seconds):
    """All from this packet on come later."""
    at = with_bytes(packets)[number]
    return packets[:at] + [packet.but(time=packet.time + seconds)
                           for packet in packets[at:]]


def on_port(packets, port):
    """From another port of the client's."""
    return [packet.but(target=(packet.target[0], port))
            if packet.source[1] == 1337 else
            packet.but(source=(packet.source[0], port)) for packet in packets]


# --- cut and joined

in_three = [scenes.add(split(XOR, number, 40, 100)) for number in range(3)]
cut_in_two = [scenes.add(split(XOR, number, cut)) for number in range(10)
              for cut in range(1, len(pick(XOR, number)),
                               9 if number < 3 else 1)]
byte_by_byte = [scenes.add(cut_everywhere(XOR)),
                scenes.add(cut_everywhere(NOISE))]
flight_and_request = scenes.add(join(XOR, 2))
secure_flight_and_request = scenes.add(join(NOISE, 2))


@pytest.mark.parametrize("number", range(3))
def test_flight_in_three_segments(number):
    scene = in_three[number]
    begin = scene.infos().index(FLIGHTS[number]) - 2
    assert scene.infos()[begin:begin + 2] == [
        "[Incomplete, 40 bytes]", "[Incomplete, 60 bytes]"]
    whole = scene.numbers()[begin + 2]
    assert scene.infos(*TWICE)[begin:begin + 2] == [
        f"[Part of {FLIGHTS[number]}, in {whole}]"] * 2
    segments, = scene.rows("smx.segment")
    assert len(segments) == 3
    assert scene.said() == SAID


def test_every_packet_cut_in_two():
    for scene in cut_in_two:
        assert scene.said() == SAID


def test_every_byte_in_a_segment_of_its_own():
    assert byte_by_byte[0].said() == SAID
    shown = byte_by_byte[1].infos()
    assert shown.count("Request, 48 bytes sealed") == 4
    assert shown.count("Reply, 48 bytes sealed") == 3


def test_flight_and_request_in_one_segment():
    assert f"{FLIGHTS[2]}, Request TIME" in flight_and_request.infos()
    assert flight_and_request.said() == SAID
    assert ("Key exchange 3/3: s, se (noise), Request, 48 bytes sealed"
            in secure_flight_and_request.infos())


at_temp = pick(XOR, 8)
goes_on = scenes.add(split(XOR, 8, len(at_temp) - 1))
goes_on_too_late = scenes.add(
    replace(XOR, 8, at_temp.part(0, -1),
            at_temp.part(len(at_temp) - 1, time=at_temp.time + 0.5)))


def test_reply_to_temp_that_goes_on_at_once():
    """Its digits have no end but silence."""
    assert f"Reply {SAID[5][:-1]}" in goes_on.infos()   # as far as is known
    assert f"Reply {SAID[5]}" in goes_on.infos(*TWICE)
    assert goes_on.said(*TWICE) == SAID


def test_silence_ends_a_reply():
    assert f"Reply {SAID[5][:-1]}" in goes_on_too_late.infos(*TWICE)


# --- repeated and late

again = [scenes.add(replace(XOR, number, *[pick(XOR, number)] * 2))
         for number in range(10)]
again_and_more = scenes.add(
    replace(XOR, 0, pick(XOR, 0).part(0, 50), pick(XOR, 0)))
reordered = [scenes.add(split(XOR, number, 30, 90, order=order))
             for number in (0, 1, 2)
             for order in ((1, 0, 2), (2, 1, 0), (0, 2, 1), (2, 0, 1))]
sent_again_after_loss = scenes.add(
    replace(XOR, 2, pick(XOR, 2).part(100), *pick(XOR, 2).split(100)))


def shuffled(dice, packets):
    """Small pieces of each packet, some of them twice, in any order."""
    for packet in packets:
        size = len(packet)
        count = min(max(0, size - 1), 9)
        parts = packet.split(*sorted(dice.sample(range(1, size), count))
                             if count else ())
        parts += dice.sample(parts, len(parts) // 2)
        yield from dice.sample(parts, len(parts))


any_order = [scenes.add(shuffled(random.Random(SEED + i), XOR))
             for i in range(10)]


def test_retransmission_is_nothing_new():
    for scene in again:
        assert scene.said() == SAID
        shown = [info for info in scene.infos() if "Retransmission of" in info]
        assert len(shown) == 1


def test_retransmission_with_more_behind_it():
    assert again_and_more.said() == SAID


def test_pieces_in_another_order():
    for scene in reordered:
        assert scene.said() == SAID


@pytest.mark.parametrize("preference", [
    "tcp.reassemble_out_of_order:TRUE", "tcp.desegment_tcp_streams:FALSE",
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.analyze_sequence_numbers:FALSE"])
def test_pieces_in_another_order_whatever_is_preferred(preference):
    """But for the very first: Wireshark may not tell where that belongs."""
    for scene in reordered[4:]:
        assert scene.said("-o", preference) == SAID
        assert sum(map(len, scene.rows("smx.xor.xcs", "-o", preference))) == 1


def test_piece_that_was_sent_again():
    assert sent_again_after_loss.infos()[2] == (
        "[Held until the data before it arrives, 28 bytes]")
    assert sent_again_after_loss.said() == SAID


def test_random_pieces_in_random_order():
    for scene in any_order:
        assert scene.said(*TWICE) == SAID, f"seed {SEED}"


# --- asking for the older key

def asking(packets, last):
    """With this as the last byte of the client's e."""
    e = pick(packets, 0)
    return replace(packets, 0, e.but(payload=e.payload[:-1] + bytes([last])))


older = {last: scenes.add(asking(NOISE, last))
         for last in (0x00, 0x7F, 0x80, 0xFF)}
older_in_parts = scenes.add(split(asking(NOISE, 0x80), 0, 39))


def asked(scene):
    """0, 1, or however this tshark prints a truth."""
    [[text]] = scene.rows("smx.noise.older_key")
    return {"0": False, "1": True}.get(text, text == "True")


def test_asking_for_the_older_key_is_the_highest_bit_of_e():
    """Of the client's; the server's asks for nothing."""
    assert {last: asked(scene) for last, scene in older.items()} == {
        0x00: False, 0x7F: False, 0x80: True, 0xFF: True}
    assert asked(older_in_parts)


# --- lost

no_flight = [scenes.add(replace(XOR, number)) for number in range(3)]
no_secure_flight = [scenes.add(replace(NOISE, number)) for number in range(3)]
holes = [scenes.add(replace(XOR, number, *filter(len, (
    pick(XOR, number).part(0, begin), pick(XOR, number).part(end)))))
    for number in range(3) for begin, end in ((0, 50), (50, 100), (100, 128))]
no_request = scenes.add(replace(XOR, 5))
no_reply = scenes.add(replace(XOR, 6))
no_frame = scenes.add(replace(NOISE, 5))
half_a_frame = scenes.add(replace(NOISE, 5, pick(NOISE, 5).part(20)))


@pytest.mark.parametrize("number", range(3))
def test_without_a_flight_there_is_no_key(number):
    scene = no_flight[number]
    shown = scene.infos(*TWICE)
    assert shown[:2] == FLIGHTS[:number] + FLIGHTS[number + 1:]
    assert shown[2:4] == ["Request, 4 bytes", "Reply, 15 bytes"]
    assert scene.said() == [] == scene.rows("smx.xor.x")
    assert scene.rows("smx.readable") == []
    assert {text for row in scene.rows("_ws.expert.message")
            for text in row if text.startswith("The key")} == {
        f"The key is unknown: flight {number + 1} of 3 was not captured whole"}


def test_flight_with_a_hole():
    for i, scene in enumerate(holes):
        assert f"{FLIGHTS[i // 3]}, incomplete" in scene.infos(*TWICE)
        assert scene.said() == []


@pytest.mark.parametrize("number", range(3))
def test_secure_session_without_a_flight(number):
    shown = no_secure_flight[number].infos(*TWICE)
    assert len([info for info in shown if "(noise)" in info]) == 2
    assert len([info for info in shown if "sealed" in info]) == 7


def test_lost_request_costs_only_itself():
    assert no_request.said() == SAID[:2] + SAID[3:]
    assert no_request.rows("smx.lost") == [["4"]]
    assert len(no_request.rows("smx.response_to")) == 2


def test_lost_reply_costs_only_itself():
    assert no_reply.said() == SAID[:3] + SAID[4:]
    assert len(no_reply.rows("smx.response_to")) == 2
    assert len(no_reply.rows("smx.response_in", *TWICE)) == 2


def test_lost_frame_of_a_secure_session():
    assert len(no_frame.rows("smx.time")) == 2


def test_frames_after_a_hole_in_one():
    """It is found again where a segment begins with a frame."""
    shown = half_a_frame.infos(*TWICE)
    assert "Request, 30 bytes" in shown
    assert shown[-3:] == ["Request, 48 bytes sealed",
                          "Reply, 48 bytes sealed", "Request, 48 bytes sealed"]


# --- begun in the middle

begun_at = [scenes.add(XOR[with_bytes(XOR)[first]:]) for first in range(10)]
secure_begun = scenes.add(NOISE[with_bytes(NOISE)[3]:])


def test_capture_without_the_connecting():
    assert begun_at[0].infos()[:3] == FLIGHTS
    assert begun_at[0].said() == SAID


@pytest.mark.parametrize("first", range(1, 10))
def test_capture_that_begins_later(first):
    scene = begun_at[first]
    assert len(scene.infos()) == 10 - first
    assert scene.said() == []
    pairs = min(3, (9 - first) // 2)
    assert len(scene.rows("smx.time")) == pairs


def test_sealed_frames_are_known_without_their_flights():
    assert secure_begun.infos() == [
        "Request, 48 bytes sealed", "Reply, 48 bytes sealed"] * 3 + [
        "Request, 48 bytes sealed"]
    assert len(secure_begun.rows("smx.time")) == 3


# --- data in the segments that connect (TCP Fast Open)

def connecting(packets, taken, answer=False):
    """Flight 1 in the SYN: the server takes it, or it is sent again; flight 2
    in the SYN that answers."""
    first, second = pick(packets, 0), pick(packets, 1)
    rest = packets[2:]
    if taken:
        rest.remove(first)
    if answer:
        rest.remove(second)
    ack = packets[1].ack + (len(first) if taken else 0)
    return [packets[0].but(payload=first.payload),
            packets[1].but(ack=ack % 2**32,
                           payload=second.payload if answer else b"")] + rest


fast = [scenes.add(connecting(packets, taken)) for packets in (XOR, NOISE)
        for taken in (True, False)]
fast_answer = [scenes.add(connecting(packets, True, True))
               for packets in (XOR, NOISE)]
fast_again = scenes.add(connecting(XOR, True)[:1] * 2 + connecting(XOR, True))
fast_without = scenes.add([XOR[0], *connecting(XOR, False)])
fast_then_plain = scenes.add(
    [connecting(XOR, False)[0], XOR[0]] + connecting(XOR, False)[1:])
fast_in_part = scenes.add(connecting(
    split(XOR, 0, 100), True))
fast_answer_lost = scenes.add(
    [packet for packet in connecting(XOR, True) if packet != XOR[1].but(
        ack=(XOR[1].ack + 128) % 2**32)])
only_the_answer = scenes.add([XOR[1].but(payload=b"x" * 128)])


def check_whole(scene, exchange):
    shown = scene.infos(*TWICE)
    flights = [info for info in shown if info.startswith("Key exchange")]
    assert [info.endswith(f"({exchange})") for info in flights] == [True] * 3
    if exchange == "xor":
        assert scene.said(*TWICE) == SAID
        assert scene.rows("smx.lost") == scene.rows("smx.strange") == []
    else:
        assert shown[-7:] == ["Request, 48 bytes sealed",
                              "Reply, 48 bytes sealed"] * 3 + [
                                  "Request, 48 bytes sealed"]


@pytest.mark.parametrize("preference", [
    "tcp.relative_sequence_numbers:TRUE",
    "tcp.relative_sequence_numbers:FALSE"])
def test_flight_in_the_syn(preference):
    for scene, exchange in zip(fast, ["xor", "xor", "noise", "noise"]):
        check_whole(scene, exchange)
    for scene in fast[:2] + [fast_again, fast_without, fast_in_part]:
        assert scene.said("-o", preference) == SAID


def test_flight_in_the_syn_that_is_sent_again_is_a_retransmission():
    assert [info for info in fast[1].infos() if "Retransmission" in info] == [
        f"[Retransmission of {FLIGHTS[0]}, in 1]"]


def test_syn_that_is_sent_again():
    """With its bytes, or without, as a system does that gave them up."""
    for scene in fast_again, fast_without, fast_then_plain:
        check_whole(scene, "xor")


def test_flight_that_answers_in_the_syn():
    check_whole(fast_answer[0], "xor")
    check_whole(fast_answer[1], "noise")


def test_first_bytes_of_a_flight_in_the_syn():
    check_whole(fast_in_part, "xor")


def test_flight_in_the_syn_whose_answer_was_lost():
    check_whole(fast_answer_lost, "xor")


def test_bytes_in_a_syn_that_answers_nothing_seen():
    assert only_the_answer.infos() == ["Reply, 128 bytes"]


# --- cut by the capture

def cut_at(packets, size, only=None):
    """At most so many bytes of each are captured, or of that one only."""
    chosen = with_bytes(packets)
    chosen = chosen if only is None else [chosen[only]]
    return [packet.but(cut=max(0, len(packet) - size)) if i in chosen
            else packet for i, packet in enumerate(packets)]


cut_all = {size: scenes.add(cut_at(XOR, size)) for size in (1, 3, 16, 100)}
cut_secure = {size: scenes.add(cut_at(NOISE, size))
              for size in (1, 7, 8, 16, 40, 64)}
cut_words = [scenes.add(cut_at(XOR, size, only=number))
             for number in (3, 5, 7) for size in (1, 2, 3)]
cut_longer = scenes.add(
    cut_at(replace(XOR, 3, pick(XOR, 3).but(
        payload=pick(XOR, 3).payload + b"?")), 4, only=3)[:with_bytes(XOR)[3] + 1])
cut_reply = {number: scenes.add(cut_at(XOR, size, only=number))
             for number, size in ((4, 8), (6, 9), (8, 2))}
cut_replies_end = scenes.add(
    [packet.but(payload=packet.payload + b"?", cut=1) if i == with_bytes(XOR)[4]
     else packet for i, packet in enumerate(XOR)])
cut_end = scenes.add(cut_at(XOR, 2, only=9))
cut_twice = scenes.add(cut_at(replace(
    XOR, 4, pick(XOR, 4), pick(XOR, 4)), 8))
nothing_of_one = scenes.add(cut_at(XOR, 0, only=5))
nothing_at_all = scenes.add(cut_at(XOR, 0))
cut_syn = scenes.add(cut_at(connecting(XOR, True), 100))
cut_frames = scenes.add(cut_at(NOISE[with_bytes(NOISE)[3]:], 40))


def cut_note(missing):
    return f"[Cut by the capture: {missing} bytes missing]"


def check_cut(scene, packets, size):
    """All that is cut says so, and nothing is read but what is whole."""
    sizes = [len(packet) for packet in packets if packet.payload]
    notes = [cut_note(n - size) for n in sizes if n > size]
    shown = scene.infos(*TWICE)
    assert len(shown) == len(sizes)
    assert [info[info.index("[Cut"):] for info in shown if "[Cut" in info] \
        == notes
    assert scene.rows("smx.cut") == [[str(n - size)] for n in sizes if n > size]
    assert len(scene.rows("smx.short")) == len(notes)
    assert scene.said() == [] == scene.rows("smx.strange")


def test_packets_that_are_cut_say_so():
    for size, scene in cut_all.items():
        check_cut(scene, XOR, size)
        assert [info.partition(", incomplete")[0]
                for info in scene.infos()[:3]] == FLIGHTS
    for size, scene in cut_secure.items():
        check_cut(scene, NOISE, size)
        assert [info.partition(" (noise)")[0][:16] for info in
                scene.infos()[:3]] == [f"Key exchange {i}/3" for i in (1, 2, 3)]


def test_request_that_is_cut_is_none():
    for scene in cut_words:
        missing = int(scene.rows("smx.cut")[0][0])
        number = 3 + 2 * (cut_words.index(scene) // 3)
        said = list(SAID)
        word = said.pop(number - 3)
        assert scene.said() == said
        assert scene.infos()[number] == (
            f"Request, {4 - missing} bytes, {cut_note(missing)}")
        assert scene.rows("smx.text") == [[word[:4 - missing]]]


def test_word_behind_which_something_is_cut_is_no_request():
    """It may be the beginning of anything."""
    assert cut_longer.infos()[-1] == f"Request, 4 bytes, {cut_note(1)}"
    assert cut_longer.said() == []


def test_reply_that_is_cut_is_none():
    for number, scene in cut_reply.items():
        said = list(SAID)
        said.pop(number - 3)
        assert scene.said() == said
        assert "[Cut by the capture" in scene.infos()[number]


def test_reply_that_is_whole_before_the_cut():
    assert cut_replies_end.infos()[4] == f"Reply {SAID[1]}, {cut_note(1)}"


def test_end_that_is_cut_is_none():
    assert cut_end.said() == SAID[:-1]


def test_cut_packet_that_was_sent_again():
    assert [info for info in cut_twice.infos() if "Retransmission" in info]


def test_packet_of_which_nothing_was_captured():
    assert nothing_of_one.infos()[5] == cut_note(4)
    assert nothing_of_one.said() == SAID[:2] + SAID[3:]
    assert nothing_at_all.said() == []


def test_flight_in_a_syn_that_is_cut():
    assert cut_syn.infos()[0] == f"{FLIGHTS[0]}, incomplete, {cut_note(28)}"


def test_cut_frames_are_known_without_their_flights():
    assert cut_frames.infos() == [
        f"{what}, 40 bytes, {cut_note(10)}"
        for what in ["Request", "Reply"] * 3 + ["Request"]]
    assert cut_frames.rows("smx.exchange") == [["noise"]] * 7


# --- several at once

same_ports = scenes.add(
    on_port(XOR, 40000) + later(on_port(NOISE, 40000), 0, 60)
    + later(on_port(XOR, 40000), 0, 120))
side_by_side = scenes.add(
    packet for pair in zip(on_port(XOR, 40000), on_port(XOR, 40001))
    for packet in pair)
at_time = with_bytes(XOR)[3]
flood = scenes.add(XOR[:at_time] + [
    XOR[at_time].but(payload=XOR[at_time].payload * 5000)])


def test_sessions_on_the_same_ports():
    assert same_ports.said() == SAID * 2
    assert same_ports.infos().count("Key exchange 1/3: e (noise)") == 1
    assert same_ports.infos().count(FLIGHTS[2]) == 2


def test_sessions_side_by_side():
    assert side_by_side.said() == [text for text in SAID for _ in "12"]


def test_many_requests_in_one_segment():
    assert flood.infos()[-1].endswith("Request TIME and 4992 more")
    assert flood.said() == ["TIME"] * 5000
