# SPDX-License-Identifier: MIT
"""Many short captures in one, since tshark takes long to start.

A test module adds its scenes to a `Scenes` when it is imported. The first test
that asks one of them what was shown has tshark look at all of them at once.
Each scene has a client of its own address; frames are counted from 1 in each.
"""

import bisect
import functools
import pathlib
import re
import tempfile

import pcap
import tshark


class Scene:
    def __init__(self, all_of_them, begin):
        self.all = all_of_them
        self.begin = begin

    def infos(self, *arguments):
        """The packet list: protocol and TCP's own remarks left out."""
        return [text for _, text in self.all.lines(*arguments)[self.begin]]

    def numbers(self, *arguments):
        return [number for number, _ in
                self.all.lines(*arguments)[self.begin]]

    def rows(self, field, *arguments):
        """What the packets that have the field have of it."""
        return [row[field] for row in self.all.values(*arguments)[self.begin]
                if field in row]

    def said(self, *arguments):
        """All requests and replies that could be read, in their order."""
        return [text for row in self.all.values(*arguments)[self.begin]
                for field in ("smx.request", "smx.reply")
                for text in row.get(field, [])]


class Scenes:
    def __init__(self):
        self.packets = []
        self.begins = []

    def add(self, packets):
        number = len(self.begins)
        address = f"10.0.{number // 250}.{1 + number % 250}"
        self.begins.append(len(self.packets))
        for packet in packets:
            client = "target" if packet.source[1] == 1337 else "source"
            port = getattr(packet, client)[1]
            self.packets.append(packet.but(**{client: (address, port)}))
        return Scene(self, self.begins[-1])

    @functools.cached_property
    def path(self):
        self.folder = tempfile.TemporaryDirectory()
        return pcap.write(
            pathlib.Path(self.folder.name) / "scenes.pcap", self.packets)

    def by_scene(self, numbered):
        """Deal what has a frame's number to the scenes, by their begins."""
        dealt = {begin: [] for begin in self.begins}
        for number, what in numbered:
            at = bisect.bisect_left(self.begins, number) - 1
            dealt[self.begins[at]].append((number - self.begins[at], what))
        return dealt

    @functools.cache
    def lines(self, *arguments):
        numbered = []
        for line in tshark.lines(self.path, *arguments):
            number, _, text = line.split(" ", 2)
            begin = self.begins[
                bisect.bisect_left(self.begins, int(number)) - 1]
            text = re.sub(r"^(\[TCP [^]]*\] ?)+", "", text)
            text = re.sub(r", in (\d+)\]", lambda found:
                          f", in {int(found[1]) - begin}]", text)
            numbered.append((int(number), text))
        return self.by_scene(numbered)

    @functools.cache
    def values(self, *arguments):
        dealt = self.by_scene(tshark.values(self.path, *arguments))
        return {begin: [row for _, row in rows]
                for begin, rows in dealt.items()}
