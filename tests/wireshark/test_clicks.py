# SPDX-License-Identifier: MIT
"""Packets looked at in any order, as a person does: sharkd, without a screen."""

import json
import pathlib
import random
import shutil
import subprocess

import pytest

import pcap
import tshark

SEED = random.randrange(2**32)


def texts(node):
    """The tree of smx, as nested lists of lines."""
    return [node.get("l", ""), [texts(child) for child in node.get("n", [])]]


def dissections(path, numbers, home):
    """What sharkd shows of these packets, asked for in this order."""
    asked = [{"jsonrpc": "2.0", "id": 1, "method": "load",
              "params": {"file": str(tshark.readable(path))}}]
    asked += [{"jsonrpc": "2.0", "id": 2 + i, "method": "frame",
               "params": {"frame": number, "proto": True}}
              for i, number in enumerate(numbers)]
    finished = subprocess.run(
        [tshark.find("sharkd"), "-"], capture_output=True, text=True,
        timeout=tshark.PATIENCE, **tshark.WHO,
        env={**tshark.ENVIRONMENT, "HOME": str(home)},
        input="".join(json.dumps(one) + "\n" for one in asked))
    assert "Lua" not in finished.stdout + finished.stderr
    answers = [json.loads(line) for line in finished.stdout.splitlines()]
    return [[texts(node) for node in answer["result"].get("tree", [])
             if "Simple message" in node.get("l", "")]
            for answer in answers if answer.get("id", 0) >= 2]


@pytest.fixture
def home():
    """sharkd takes no scripts but those that are installed."""
    with tshark.folder() as path:
        plugins = pathlib.Path(path, ".local/lib/wireshark/plugins")
        plugins.mkdir(parents=True)
        shutil.copy(tshark.SCRIPT, plugins / "smx.lua")
        yield path


@pytest.mark.parametrize("name", ["original", "noise"])
def test_any_order_shows_the_same(name, home):
    if not tshark.find("sharkd"):
        pytest.skip("sharkd is missing")
    path = pcap.CAPTURES / f"{name}.pcap"
    numbers = list(range(1, len(pcap.read(name)) + 1))
    order = random.Random(SEED).choices(numbers, k=60)
    # When sharkd loads, it asks for no fields: it is the first round that
    # counts as the first pass. The second also knows what comes later.
    shown = dissections(path, numbers + numbers + order, home)
    in_order = shown[len(numbers):2 * len(numbers)]
    assert len([tree for tree in in_order if tree]) >= 10
    for number, tree in zip(order, shown[2 * len(numbers):]):
        assert tree == in_order[number - 1], f"seed {SEED}, packet {number}"
