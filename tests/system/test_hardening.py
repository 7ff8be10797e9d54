# SPDX-License-Identifier: MIT
"""What the compiler and the linker have put into the programs and the library."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from programs import ROOT, program

BUILD = Path(os.environ.get("SMX_BUILD") or ROOT / "build")
FILES = [*(program(name) for name in
           ("smx-server", "smx-client", "smx-keygen", "smx-bench")
           if Path(program(name)).exists()),
         *filter(Path.is_file, BUILD.glob("src/libsmx.so.*.*.*"))]

def readelf(*arguments):
    return subprocess.run(
        ["readelf", "--wide", *map(str, arguments)], check=True,
        capture_output=True, text=True).stdout


@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file).name)
def test_a_file_is_hardened(file):
    assert re.search(r"Type: +DYN", readelf("--file-header", file))
    segments = readelf("--segments", file)
    assert "GNU_RELRO" in segments
    stack = re.search(r"GNU_STACK.* (\w{2,3}) +0x", segments)
    assert stack and "E" not in stack[1]
    assert not re.search(r"LOAD.* RWE ", segments)
    assert re.search(r"BIND_NOW|FLAGS_1.*NOW", readelf("--dynamic", file))
    symbols = readelf("--dyn-syms", file)
    assert "__stack_chk_fail" in symbols
    assert re.search(r"__\w+_chk@", symbols)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="of x86-64 only")
def test_where_indirect_calls_may_go_is_marked():
    """ENDBR64, which what a compiler links in has a handful of at most."""
    server = Path(program("smx-server")).read_bytes()
    assert server.count(b"\xf3\x0f\x1e\xfa") > 30
