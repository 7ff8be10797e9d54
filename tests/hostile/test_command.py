# SPDX-License-Identifier: MIT
"""./dev hostile as a whole: what it prints, and that nothing of it remains."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ.get("SMX_BUILD") or ROOT / "build")
COMMAND = [sys.executable, "-B", str(ROOT / "lab/hostile.py"), "--build",
           str(BUILD)]
NOT_ALLOWED = 77
MARK = "SMX_HOSTILE_TEST"


def run(*words):
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True,
                          timeout=120)


def descendants(mark):
    """Processes that have it in their environment."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            pass
    return found


def test_a_scenario_that_there_is_not_is_wrong_usage():
    done = run("nonsense")
    assert done.returncode == 2
    assert "herd" in done.stderr and "deadlines" in done.stderr


def test_the_help_names_every_scenario():
    done = run("--help")
    assert done.returncode == 0
    for name in os.listdir(ROOT / "lab/crowd"):
        text = (ROOT / "lab/crowd" / name).read_text()
        if "\ndef measure(" in text:
            assert f"\n  {name.removesuffix('.py')} " in done.stdout


def test_a_run_prints_and_writes_the_same_rows(tmp_path):
    done = run("--short", "--json", str(tmp_path / "json"), "descriptors")
    if done.returncode == NOT_ALLOWED:
        assert "namespaces" in done.stderr
        pytest.skip("no namespaces")
    results = json.loads((tmp_path / "json").read_text())
    assert results["not_measured"] == []
    assert [row["scenario"] for row in results["rows"]] == ["descriptors"] * 3
    for row in results["rows"]:
        assert row["figure"] in done.stdout
    assert done.returncode == (
        0 if all(row["met"] for row in results["rows"]) else 1)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM,
                                 signal.SIGKILL])
def test_nothing_remains_of_a_run_that_was_interrupted(how):
    mark = f"{os.getpid()}-{how.name}"
    process = subprocess.Popen(
        [*COMMAND, "memory"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, MARK: mark})
    until = time.monotonic() + 30
    while (not any(b"attack" in words for words in descendants(mark)) and
           process.poll() is None):
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(how)
    _, complaints = process.communicate(timeout=30)
    if process.returncode == NOT_ALLOWED:
        assert "namespaces" in complaints
        pytest.skip("no namespaces")
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143,
                                  signal.SIGKILL: -9}[how]
    while descendants(mark):
        assert time.monotonic() < until, descendants(mark)
        time.sleep(0.05)
