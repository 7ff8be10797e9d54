# SPDX-License-Identifier: MIT
"""Captures as lists of packets, to be taken apart and put together anew.

Only what dumpcap makes of TCP over IPv4 on loopback is read, and what is
written has neither options nor checksums.
"""

import dataclasses
import pathlib
import socket
import struct

CAPTURES = pathlib.Path(__file__).resolve().parents[1] / "captures"

HEAD = struct.Struct("<IHHiIII")        # of the file
RECORD = struct.Struct("<IIII")         # of a packet in it
ETHERNET = bytes(12) + b"\x08\x00"
IP = struct.Struct(">BBHHHBBH4s4s")
TCP = struct.Struct(">HHIIBBHHH")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


@dataclasses.dataclass(frozen=True)
class Packet:
    time: float
    source: tuple
    target: tuple
    seq: int
    ack: int
    flags: int
    payload: bytes = b""
    cut: int = 0        # bytes at the end that the capture has not

    def __len__(self):
        return len(self.payload)

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def part(self, begin, end=None, **changes):
        """The segment that carries only these bytes of this one."""
        return self.but(seq=(self.seq + begin) % 2**32,
                        payload=self.payload[begin:end], **changes)

    def split(self, *places):
        """The same bytes in several segments."""
        edges = [0, *places, len(self.payload)]
        return [self.part(*edge) for edge in zip(edges, edges[1:])]

    def frame(self):
        tcp = TCP.pack(self.source[1], self.target[1], self.seq, self.ack,
                       5 << 4, self.flags, 65535, 0, 0)
        ip = IP.pack(0x45, 0, IP.size + TCP.size + len(self.payload), 0, 0, 64,
                     socket.IPPROTO_TCP, 0, socket.inet_aton(self.source[0]),
                     socket.inet_aton(self.target[0]))
        return ETHERNET + ip + tcp + self.payload


def parse(time, frame):
    ip = IP.unpack_from(frame, len(ETHERNET))
    begin = len(ETHERNET) + 4 * (ip[0] & 15)
    tcp = TCP.unpack_from(frame, begin)
    payload = frame[begin + 4 * (tcp[4] >> 4):len(ETHERNET) + ip[2]]
    return Packet(time, (socket.inet_ntoa(ip[8]), tcp[0]),
                  (socket.inet_ntoa(ip[9]), tcp[1]), tcp[2], tcp[3], tcp[5],
                  payload)


def read(name):
    """The packets of one of our captures."""
    data = (CAPTURES / f"{name}.pcap").read_bytes()
    packets, at = [], HEAD.size
    while at < len(data):
        seconds, micro, length, _ = RECORD.unpack_from(data, at)
        at += RECORD.size + length
        packets.append(
            parse(seconds + micro / 1e6, data[at - length:at]))
    return packets


def write(path, packets):
    """Write packets, or frames with a time: (time, bytes, length)."""
    with open(path, "wb") as file:
        file.write(HEAD.pack(0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for packet in packets:
            if isinstance(packet, Packet):
                frame = packet.frame()
                packet = (packet.time, frame[:len(frame) - packet.cut],
                          len(frame))
            time, frame, length = packet
            micro = max(0, round(time * 1e6))
            file.write(RECORD.pack(micro // 10**6 % 2**32, micro % 10**6,
                                   len(frame), length))
            file.write(frame)
    return path


def with_bytes(packets):
    """The numbers, in the list, of the packets that carry any bytes."""
    return [i for i, packet in enumerate(packets) if packet.payload]
