# SPDX-License-Identifier: MIT
"""Which connections are taken for smx: by port, by hand, by the magic."""

import pytest

from pcap import read
from tshark import infos, tshark


def moved(packets, port):
    """The same with the server on another port."""
    return [packet.but(source=(packet.source[0], port))
            if packet.source[1] == 1337 else
            packet.but(target=(packet.target[0], port)) for packet in packets]


@pytest.fixture
def elsewhere(made):
    return lambda name: made(moved(read(name), 7007))


def test_noise_is_known_by_its_magic_on_any_port(elsewhere):
    assert len(infos(elsewhere("noise"))) == 10


def test_xor_has_nothing_to_be_known_by(elsewhere):
    assert infos(elsewhere("xor")) == []


def test_preference_names_the_ports(elsewhere):
    assert len(infos(elsewhere("xor"), "-o", "smx.ports:1337,7000-7010")) == 10


def test_ports_that_are_not_preferred_are_left_alone(made):
    assert infos(made(read("xor")), "-o", "smx.ports:7007") == []
    assert infos(made(read("xor")), "-o", "smx.ports:") == []


def test_decode_as(elsewhere):
    path = elsewhere("xor")
    assert len(infos(path, "-d", "tcp.port==7007,smx")) == 10


def test_decode_as_by_the_clients_port(elsewhere):
    """Who speaks first is the client, whatever the port."""
    client = read("xor")[0].source[1]
    shown = infos(elsewhere("xor"), "-d", f"tcp.port=={client},smx")
    assert "Request TIME" in shown


def test_other_protocols_on_the_port_do_no_harm(made):
    first = read("xor")[3]
    page = first.but(payload=b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert infos(made(read("xor")[:3] + [page])) == ["[Incomplete, 35 bytes]"]


def test_quoted_in_an_error_it_is_left_to_that(made, tmp_path):
    """ICMP sends back the beginning of what could not be delivered."""
    packets = read("xor")
    quoted = packets[3].frame()[14:]
    head = bytearray(packets[3].frame()[:34])
    head[16:18] = (28 + len(quoted)).to_bytes(2, "big")
    head[23] = 1    # ICMP
    frame = bytes(head) + bytes([3, 3, 0, 0, 0, 0, 0, 0]) + quoted
    path = made(packets[:5] + [(packets[5].time, frame, len(frame))])
    assert " ICMP " in tshark(path).splitlines()[5]
    assert len(infos(path)) == 1
