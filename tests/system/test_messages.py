# SPDX-License-Identifier: MIT
"""Messages name files and words whole, however long, and cut no character."""

import os

import pytest

from programs import check_failure, run

PATH_BYTES = 4000       # of the 4096 that the system takes


@pytest.fixture
def long_path(tmp_path):
    """A file with a long name of two-byte letters; its folder exists."""
    path = os.fsencode(tmp_path)
    folder = "/".encode() + "\u00e4".encode() * 120
    while len(path) + len(folder) + 10 < PATH_BYTES:
        path += folder
    os.makedirs(path)
    left = PATH_BYTES - len(path) - 1
    return (path + b"/" + b"x" * (left % 2)
            + "\u00e4".encode() * min(left // 2, 120)).decode()


COMMANDS = [
    ("smx-client", "--secure", "--identity", None, "127.0.0.1", "1", "time"),
    ("smx-server", "--port", "0", "--key", None),
    ("smx-server", "--port", "0", "--authorized-keys", None),
    ("smx-keygen", "--public", None),
    ("smx-bench", "--secure", "--identity", None, "127.0.0.1", "1"),
]


def complaint(command, path, *words):
    finished = run(*(path if word is None else word for word in command))
    check_failure(finished, finished.returncode, path, *words)
    assert finished.returncode != 0
    assert "..." not in finished.stderr and "\\x" not in finished.stderr


@pytest.mark.parametrize("command", [COMMANDS[2], COMMANDS[3]])
def test_a_missing_file_is_named_whole(long_path, command):
    complaint(command, long_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_others_can_write_is_named_whole(long_path, command):
    with open(long_path, "w", encoding="ascii") as file:
        file.write("secret\n")
    os.chmod(long_path, 0o666)
    complaint(command, long_path, "chmod")


@pytest.mark.parametrize("command", [
    ("smx-client", None, "1"), ("smx-client", "::1", None),
    ("smx-client", "::1", "1", None), ("smx-client", "--timeout", None),
    ("smx-server", None), ("smx-server", "--port", None),
    ("smx-server", "--port", "0", "--host", None),
    ("smx-bench", None, "1"),
    ("smx-bench", "::1", "1", None)])
@pytest.mark.parametrize("shift", [0, 1, 2])
def test_a_word_is_named_whole(command, shift):
    complaint(command, "x" * shift + "\u20ac" * 300)


def test_a_source_is_named_whole(server):
    complaint(("smx-bench", "--source", None, *server().address),
              "\u20ac" * 300)


def test_a_word_without_end_is_cut_between_characters():
    for shift in range(3):
        finished = run("smx-client", "--timeout", "x" * shift + "\u20ac" * 9000)
        check_failure(finished, 2, "\u20ac...")
        assert "\\x" not in finished.stderr
