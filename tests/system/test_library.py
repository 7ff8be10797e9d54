# SPDX-License-Identifier: MIT
"""The library as its users get it: the example, and what is installed."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
BUILD = os.environ.get("SMX_BUILD")


def run(*command, **options):
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True,
        timeout=300, **options)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A whole installation, somewhere else."""
    if not BUILD:
        pytest.skip("SMX_BUILD does not say what to install")
    folder = tmp_path_factory.mktemp("installed")
    done = run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir",
               folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def example(installed):
    """examples/time.c, built by what pkg-config says of the installation."""
    [description] = installed.rglob("libsmx.pc")
    # From within, as pkg-config does not escape each space in a path.
    said = run("pkg-config", "--cflags", "--libs", "libsmx", cwd=installed,
               env={**os.environ,
                    "PKG_CONFIG_PATH": str(description.parent),
                    "PKG_CONFIG_SYSROOT_DIR": "."})
    assert said.returncode == 0, said.stderr
    program = installed / "time"
    [library] = installed.rglob("libsmx.so")
    # A sanitized library wants its runtime to be loaded first.
    sanitize = (["-fsanitize=address,undefined"]
                if b"libasan.so" in library.read_bytes() else [])
    done = run(os.environ.get("CC", "cc"), *sanitize,
               ROOT / "examples/time.c", *said.stdout.split(), "-o", program,
               cwd=installed)
    assert done.returncode == 0, done.stderr
    return program, {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}


def test_the_example_is_thirty_lines_or_so_and_prints_two_replies(
        example, server):
    program, env = example
    at = server()
    done = run(program, "127.0.0.1", at.port, env=env)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"time: \d\d:\d\d:\d\d\.\d{6} \(\d+\.\d\d ms\)\n"
        r"temperature: -?\d+ \(\d+\.\d\d ms\)\n", done.stdout)


def test_the_example_says_why_it_failed(example):
    program, env = example
    done = run(program, "127.0.0.1", 1, env=env)
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr and not done.stdout


def test_the_shared_library_shows_its_own_names_and_no_others(installed):
    [library] = installed.rglob("libsmx.so")
    listed = run("nm", "-D", "--defined-only", library).stdout
    names = [line.split()[-1].partition("@")[0]
             for line in listed.splitlines()]
    names = [name for name in names if not name.startswith("_")]
    assert "smx_connect" in names
    assert [name for name in names if not name.startswith("smx_")] == []


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A build folder with the shared and the static library."""
    if not shutil.which("meson"):
        pytest.skip("meson is not installed")
    folder = tmp_path_factory.mktemp("both")
    for command in (
            ("meson", "setup", folder, ROOT, "-Ddefault_library=both",
             "-Dtests=disabled", "-Dbench=disabled", "-Dman=disabled"),
            ("meson", "compile", "-C", folder, "smx:static_library",
             "smx:shared_library")):
        done = run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "src"


def names_of(library, *options):
    """What a library defines for those that are linked with it."""
    listed = run("nm", "-g", "--defined-only", *options, library).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {row[-1].partition("@")[0] for row in rows if len(row) == 3}


def test_both_libraries_show_the_names_of_the_header_and_no_others(both):
    declared = set(re.findall(r"\b(smx_[a-z_0-9]+)\(", re.sub(
        r"/\*.*?\*/", "", (ROOT / "include/smx.h").read_text(), flags=re.S)))
    assert "smx_connect" in declared
    assert names_of(both / "libsmx.a") == declared
    assert names_of(both / "libsmx.so", "-D") == declared


def test_a_program_may_have_names_that_the_static_library_uses_within(
        both, tmp_path):
    source = tmp_path / "a.c"
    source.write_text(
        "#include <smx.h>\n"
        "int session_send(void);\nint session_send(void) { return 3; }\n"
        "int main(void) { smx_free(smx_new()); return session_send(); }\n")
    done = run(os.environ.get("CC", "cc"), "-I", ROOT / "include", source,
               both / "libsmx.a", "-lsodium", "-lm", "-pthread",
               "-o", tmp_path / "a")
    assert done.returncode == 0, done.stderr
    assert run(tmp_path / "a").returncode == 3


def test_programs_and_manual_pages_are_installed(installed):
    files = {path.name for path in installed.rglob("*")}
    assert {"smx-server", "smx-client", "smx-keygen", "smx.h"} <= files
    if not list((pathlib.Path(BUILD) / "man").glob("*.1")):
        pytest.skip("no manual pages were built")
    assert {path.name.removesuffix(".scd")
            for path in (ROOT / "man").glob("*.scd")} <= files


@pytest.mark.parametrize("compiler, standard", [
    ("cc", "c89"), ("cc", "c99"), ("cc", "c17"),
    ("c++", "c++98"), ("c++", "c++11"), ("c++", "c++20"),
])
def test_the_header_compiles_in_old_and_new_standards(
        compiler, standard, tmp_path):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    source = tmp_path / ("a.c" if compiler == "cc" else "a.cc")
    source.write_text("#include <smx.h>\n"
                      "int major = SMX_VERSION_MAJOR + SMX_OK;\n")
    done = run(compiler, f"-std={standard}", "-pedantic-errors", "-Wall",
               "-Wextra", "-Werror", "-I", ROOT / "include",
               "-fsyntax-only", source)
    assert done.returncode == 0, done.stderr
