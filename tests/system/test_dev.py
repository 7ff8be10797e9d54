# SPDX-License-Identifier: MIT
"""./dev, in a tree of its own, with tools that only say how they were called."""

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
REAL = ("cat", "dirname", "find", "grep", "id", "mkdir", "rm", "sh", "touch")
FAKE = ("cc", "gcc", "clang-format-14", "meson", "ninja", "pkg-config", "apt-get",
        "env", "sudo")
# Each writes down its words. Those that $FAILING names fail; as "ninja:-C" only
# if that is the first word.
TOOL = """#!/bin/sh
echo "${0##*/} $*" >>"$CALLS"
case " $FAILING " in
*" ${0##*/} "* | *" ${0##*/}:$1 "*) exit 1 ;;
esac
case "${0##*/} $1" in
"meson --version") echo 1.0.1 ;;
"meson setup") mkdir -p "$2/meson-private" ;;
"env "*) shift; exec "$@" ;;
"sudo "*) exec "$@" ;;
esac
"""


class Tree:
    def __init__(self, folder):
        self.folder, self.bin = folder / "smx", folder / "bin"
        self.calls = folder / "calls"
        self.folder.mkdir()
        self.bin.mkdir()
        shutil.copy(ROOT / "dev", self.folder)
        for name in REAL:
            (self.bin / name).symlink_to(shutil.which(name))
        for name in FAKE:
            (self.bin / name).write_text(TOOL)
            (self.bin / name).chmod(0o755)

    def dev(self, *words, failing="", **changes):
        """How it ended, and what it called."""
        self.calls.write_text("")
        finished = subprocess.run(
            [str(self.folder / "dev"), *words], capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=60, cwd="/",
            env={"PATH": str(self.bin), "CALLS": str(self.calls),
                 "FAILING": failing, **changes})
        return finished, self.calls.read_text().splitlines()


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def prefixes(calls):
    return [word.partition("=")[2] for call in calls
            if call.startswith("meson setup ") for word in call.split()
            if word.startswith("-Dprefix=")]


def test_a_prefix_is_that_of_one_call_only(tree):
    for prefix in ("/one", "", "/two"):
        finished, calls = tree.dev(
            "install", **({"PREFIX": prefix} if prefix else {}))
        assert finished.returncode == 0, finished.stderr
        assert prefixes(calls) == [prefix or "/usr/local"]
        assert "meson install -C build-install --no-rebuild" in calls


def test_what_is_built_elsewhere_has_no_prefix(tree):
    tree.dev("install", PREFIX="/one")
    finished, calls = tree.dev("variants")
    assert finished.returncode == 0, finished.stderr
    assert prefixes(calls) == []
    assert not [call for call in calls if "build-install" in call]


@pytest.mark.parametrize("command", [
    "run", "test", "sanitize", "clang", "variants", "bench", "install",
    "uninstall"])
def test_without_apt_a_missing_package_is_named_and_a_failure(tree, command):
    (tree.bin / "apt-get").unlink()
    finished, calls = tree.dev(command, failing="pkg-config")
    assert finished.returncode == 1
    [line] = finished.stderr.splitlines()
    assert line.startswith("dev: please install what Debian calls:")
    assert {"libsodium-dev", "libjansson-dev"} <= set(line.split())
    assert not [call for call in calls if call.startswith("meson setup")]


@pytest.mark.parametrize("failing, complaint", [
    ("pkg-config apt-get", "dev: the packages could not be installed"),
    ("pkg-config", "dev: still missing: pkg-config libsodium-dev")])
def test_a_package_that_is_not_to_be_had_is_a_failure(
        tree, failing, complaint):
    finished, calls = tree.dev("install", failing=failing)
    assert finished.returncode == 1
    assert finished.stderr.splitlines()[-1].startswith(complaint)
    assert [call for call in calls if call.startswith("apt-get")]
    assert not [call for call in calls if call.startswith("meson setup")]


def test_what_does_not_build_is_a_failure(tree):
    finished, _ = tree.dev("variants", failing="ninja:-C")
    assert finished.returncode == 1
    passed, failed = finished.stdout.splitlines()[-1].split(", ")[:2]
    assert passed == "0 passed" and int(failed.split()[0]) > 3


def test_format_takes_our_sources_and_needs_no_checkout(tree):
    ours = ["examples/a.c", "include/a.h", "lab/a.c", "src/net/a.c",
            "src/net/a.h", "tests/unit/a.c"]
    for name in [*ours, "build/a.c", "src/a.py"]:
        path = tree.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    finished, calls = tree.dev("format")
    assert finished.returncode == 0, finished.stderr
    formatted = [word for call in calls for word in call.split()[2:]
                 if call.startswith("clang-format-14 -i ")]
    assert sorted(formatted) == ours


@pytest.mark.parametrize("words", [
    ("nonsense",), ("install", "extra"), ("--nonsense",)])
def test_wrong_usage_shows_the_commands_and_does_nothing(tree, words):
    finished, calls = tree.dev(*words)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith("Usage: ./dev COMMAND")
    assert calls == []


def test_every_command_is_in_the_help(tree):
    finished, calls = tree.dev("install", "--help")
    assert finished.returncode == 0 and calls == []
    for name in ("run", "test", "variants", "install", "uninstall", "clean"):
        assert f"\n  {name} " in finished.stdout
