# SPDX-License-Identifier: MIT
"""The pure functions of smx.lua, in every Lua there is, against Python's."""

import pathlib
import random
import shutil
import subprocess
import sys

import pytest

import tshark
from pcap import CAPTURES

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parent / "system"))

from xor_peer import next_request, xor      # noqa: E402

SEED = random.randrange(2**32)
PIECES = (b"TIME", b"date", b"tEmP", b"END", b" ", b"\r\n", b"T", b"TIM", b"E",
          b"TEMPERATURE", b"hello", b"\x00", b"\xff", b"x" * 1020)


def cases(dice):
    """Lines for pure.lua, and what it has to say."""
    for _ in range(2000):
        key = dice.randbytes(128)
        pieces = dice.choices(PIECES, k=dice.randint(1, 4))
        unread = b"".join(xor(piece, key) for piece in pieces)
        found = next_request(unread, key)
        if found is None:
            said = "wait"
        else:
            request, length = found
            is_word = request in (b"TIME", b"DATE", b"TEMP", b"END")
            said = f"{length} {request.decode() if is_word else 'unknown'}"
        # The window is the caller's business.
        yield f"request {key.hex()} {unread[:1024].hex()}", said
        yield f"xor {key.hex()} {unread.hex()}", xor(unread, key).hex()
    for length, valid in ((48, True), (80, True), (1040, True), (16, False),
                          (1072, False), (49, False), (0, False)):
        frame = length.to_bytes(2, "big") + bytes(length)
        for text, is_frames in ((frame, valid), (frame * 3, valid),
                                (frame[:-1], False), (frame + b"\0", False)):
            if text:
                yield f"frames 00 {text.hex()}", str(is_frames).lower()


@pytest.mark.parametrize("lua", [
    "tshark", "lua5.2", "lua5.3", "lua5.4", "lua"])
def test_pure_functions_agree_with_python(lua, tmp_path):
    program = shutil.which(lua)
    if not program:
        pytest.skip(f"{lua} is missing")
    lines, expected = zip(*cases(random.Random(SEED)))
    path = tmp_path / "cases"
    path.write_text("\n".join(lines) + "\n")
    command = [program, str(HERE / "pure.lua")]
    if lua == "tshark":
        command = [tshark.find(), "-X", f"lua_script:{HERE / 'pure.lua'}",
                   "-r", str(CAPTURES / "xor.pcap"), "-c", "1"]
    said = subprocess.run(
        command, capture_output=True, text=True, timeout=60,
        env={**tshark.ENVIRONMENT, "SMX_LUA": str(tshark.SCRIPT),
             "SMX_CASES": str(path)}).stdout.splitlines()
    assert said[:len(expected)] == list(expected), f"seed {SEED}"
