# SPDX-License-Identifier: MIT
"""Fixtures of the tests of wireshark/smx.lua. They only read captures.

    SMX_TSHARK      the program (tshark)
    SMX_MUTATED     how many mutated captures to try (300)
    SMX_SEED        which ones: a failed test tells
    SMX_EXPECTED=1  write what is dissected to tests/captures/*.txt, instead of
                    comparing it; look at it before you commit it

    python3 -m pytest tests/wireshark
"""

import pytest

import pcap
import tshark


@pytest.fixture(scope="session")
def obstacle():
    """Why nothing can be tested, if so."""
    if not tshark.find():
        return "tshark is missing"
    if tshark.installed():
        return f"{tshark.installed()} would be loaded too"
    return None


@pytest.fixture(autouse=True)
def needs_tshark(obstacle):
    if obstacle:
        pytest.skip(obstacle)


@pytest.fixture
def made(tmp_path):
    """Writes packets to a file, and returns its path."""
    return lambda packets: pcap.write(tmp_path / "made.pcap", packets)
