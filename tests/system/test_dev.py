# SPDX-License-Identifier: MIT
"""./dev, in a tree of its own, with tools that only say how they were called."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
REAL = ("awk", "cat", "chmod", "dirname", "find", "grep", "id", "mkdir",
        "mktemp", "nproc", "rm", "sed", "sh", "tail", "touch", "xargs")
LINTERS = {
    "format": "clang-format-14", "tidy": "run-clang-tidy-14",
    "cppcheck": "cppcheck", "analyzer": "scan-build-14",
    "shell": "shellcheck", "python": "pyflakes3", "lua": "luacheck",
    "man": "scdoc", "abi": "abidiff"}
FAKE = ("cc", "gcc", "meson", "ninja", "pkg-config", "apt-get", "env", "sudo",
        "git", "groff", *LINTERS.values())
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
"meson test") echo "in $TMPDIR" >>"$CALLS" ;;
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
        shutil.copytree(ROOT / ".ci", self.folder / ".ci")
        for name in REAL:
            (self.bin / name).symlink_to(shutil.which(name))
        for name in FAKE:
            (self.bin / name).write_text(TOOL)
            (self.bin / name).chmod(0o755)

    def dev(self, *words, failing="", wrapper=(), **changes):
        """How it ended, and what it called."""
        self.calls.write_text("")
        finished = subprocess.run(
            [*wrapper, str(self.folder / "dev"), *words],
            capture_output=True, text=True,
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
    "run", "test", "sanitize", "clang", "variants", "lint", "coverage",
    "release", "bench", "install", "uninstall"])
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


def test_the_tree_is_the_one_that_it_lies_in(tree):
    decoy = tree.folder.parent / "decoy"
    (decoy / "smx").mkdir(parents=True)
    finished = subprocess.run(
        [tree.bin / "sh", "smx/dev", "clean"], cwd=tree.folder.parent,
        capture_output=True, text=True, timeout=60, env={
            "PATH": str(tree.bin), "CDPATH": str(decoy), "CALLS": "/dev/null"})
    assert (finished.returncode, finished.stdout) == (0, "")


@pytest.mark.parametrize("words", [
    ["lint", "build-lint", "abi"], ["release", "no-version"]])
def test_so_it_is_with_the_scripts_within(tree, words):
    decoy = tree.folder.parent / "decoy"
    (decoy / ".ci").mkdir(parents=True)
    finished = subprocess.run(
        [tree.bin / "sh", f".ci/{words[0]}", *words[1:]], cwd=tree.folder,
        capture_output=True, text=True, timeout=60, env={
            "PATH": str(tree.bin), "CDPATH": str(decoy), "CALLS": "/dev/null"})
    assert str(decoy) not in finished.stdout + finished.stderr


def test_tests_are_run_where_programs_can_be(tree):
    room = tree.folder.parent / "ro om"
    inside = f"in {tree.folder}/build/tmp"
    assert inside in tree.dev("run-tests", "build", TMPDIR=str(room))[1]
    room.mkdir()
    assert f"in {room}" in tree.dev(
        "run-tests", "build", TMPDIR=str(room))[1]
    script = '/bin/mount -t tmpfs -o noexec none "$0" && exec "$@"'
    hidden = [shutil.which("unshare"), "-m", "/bin/sh", "-c",
              script, str(room)]
    if subprocess.run([*hidden, "true"], capture_output=True).returncode:
        pytest.skip("no mounts here")
    assert inside in tree.dev(
        "run-tests", "build", TMPDIR=str(room), wrapper=hidden)[1]
    assert list(room.iterdir()) == []


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
    ("nonsense",), ("install", "extra"), ("--nonsense",),
    ("lint", "--nonsense"), ("pages", "--nonsense")])
def test_wrong_usage_shows_the_commands_and_does_nothing(tree, words):
    finished, calls = tree.dev(*words)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith("Usage: ./dev COMMAND")
    assert calls == []


def test_every_command_is_in_the_help(tree):
    finished, calls = tree.dev("install", "--help")
    assert finished.returncode == 0 and calls == []
    source = (ROOT / "dev").read_text()
    names = re.findall(r"^([a-z-]+)\)", source[source.rindex("esac\n\ncase"):],
                       re.M)
    assert {"run", "lint", "coverage", "release"} <= set(names)
    for name in set(names) - {"run-tests"}:
        assert f"\n  {name} " in finished.stdout


@pytest.mark.parametrize("command", ["run", "lint", "pages", "release"])
def test_help_is_no_check_page_or_version(tree, command):
    for word in ("-h", "--help"):
        finished, calls = tree.dev(command, word)
        assert finished.returncode == 0 and calls == []
        assert finished.stdout.startswith("Usage: ./dev COMMAND")


def lint(tree, *checks, failing=""):
    """.ci/lint, in a tree with something for each to look at."""
    for name in ("src/a.c", "lab/a.py", "man/a.scd", "examples/a.c",
                 "include/a.h", "tests/a.py"):
        (tree.folder / name).parent.mkdir(exist_ok=True)
        (tree.folder / name).touch()
    (tree.folder / "build-lint").mkdir(exist_ok=True)
    tree.calls.write_text("")
    finished = subprocess.run(
        [str(tree.folder / ".ci/lint"), "build-lint", *checks], timeout=60,
        capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/",
        env={"PATH": str(tree.bin), "CALLS": str(tree.calls),
             "FAILING": failing})
    return finished, tree.calls.read_text().splitlines()


def test_every_linter_is_asked_and_the_last_line_sums_up(tree):
    finished, calls = lint(tree)
    assert finished.returncode == 0, finished.stdout
    assert finished.stdout.splitlines()[-1] == "10 passed, 0 failed, 0 skipped"
    assert set(LINTERS.values()) <= {call.split()[0] for call in calls}


@pytest.mark.parametrize("check, tool", [
    *LINTERS.items(), ("man", "groff"), ("commits", "git:log")])
def test_what_one_linter_finds_is_a_failure(tree, check, tool):
    if tool == "groff":  # it does not fail: it says what it finds
        (tree.bin / tool).write_text("#!/bin/sh\necho here")
    finished, _ = lint(tree, failing=tool)
    assert finished.returncode == 1
    assert f"{check}: failed" in finished.stdout
    assert finished.stdout.splitlines()[-1] == "9 passed, 1 failed, 0 skipped"


def test_an_unknown_check_is_wrong_usage_and_nothing_is_checked(tree):
    finished, calls = lint(tree, "man", "nonsense")
    assert (finished.returncode, finished.stdout, calls) == (2, "", [])
    assert finished.stderr == (
        "lint: unknown check 'nonsense'; there are: format tidy cppcheck "
        "analyzer shell python lua man commits abi\n")


def test_without_history_the_subjects_are_skipped(tree):
    finished, _ = lint(tree, "commits", failing="git:merge-base")
    assert finished.returncode == 0
    assert finished.stdout == (
        "skipped: lint commits\n0 passed, 0 failed, 1 skipped\n")


def test_a_subject_may_have_72_characters(tree):
    for length, status in (72, 0), (73, 1):
        (tree.bin / "git").write_text(
            f"#!/bin/sh\n[ $1 != log ] || echo 1234567 {'x' * length}\n")
        assert lint(tree, "commits")[0].returncode == status


# --- ./dev release, with a ninja that builds nothing ------------------------

GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
       **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER")
          for what in ("NAME", "EMAIL")}}
VERSION = re.search(r"version: '([\d.]+)'",
                    (ROOT / "meson.build").read_text())[1]


class Checkout:
    """A repository of this tree, with .ci/run and the changelog changed."""

    def __init__(self, folder):
        self.folder, self.bin = folder / "smx", folder / "bin"
        self.folder.mkdir()
        self.bin.mkdir()
        (self.bin / "ninja").write_text("#!/bin/sh\necho 1.11.1\n")
        (self.bin / "ninja").chmod(0o755)
        # First of all, so that no other repository is ever meant.
        self.git("init", "--quiet", "--initial-branch=main", str(self.folder))
        for path in ROOT.iterdir():
            if path.name == ".git" or (path / "meson-private").exists():
                continue
            if path.is_file():
                shutil.copy(path, self.folder)
            else:
                shutil.copytree(path, self.folder / path.name,
                                ignore=shutil.ignore_patterns("__pycache__"))
        self.change(".ci/run", lambda text: "#!/bin/sh\necho checked\n")
        self.change("CHANGELOG.md", lambda text: text.replace(
            "\n## ", f"\n## [{VERSION}] - 2026-11-26\n\n- News.\n\n## ", 1))
        self.commit()

    def change(self, name, how):
        path = self.folder / name
        path.write_text(how(path.read_text()))

    def git(self, *words):
        return subprocess.run(
            ["git", *words], cwd=self.folder, check=True, text=True,
            capture_output=True, env={
                **os.environ, **GIT, "GIT_DIR": str(self.folder / ".git"),
                "GIT_WORK_TREE": str(self.folder)}).stdout

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=all")

    def release(self, *words):
        return subprocess.run(
            [str(self.folder / ".ci/release"), *words], cwd="/",
            capture_output=True, text=True, timeout=120,
            env={**os.environ, **GIT, "NINJA": str(self.bin / "ninja"),
                 "PATH": f"{self.bin}:{os.environ['PATH']}"})


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    if not shutil.which("git") or not shutil.which("meson"):
        pytest.skip("git or meson is not installed")
    return Checkout(tmp_path_factory.mktemp("release"))


@pytest.fixture
def checkout(prepared):
    yield prepared
    prepared.git("checkout", "--quiet", "--force", "main")
    prepared.git("reset", "--quiet", "--hard",
                 prepared.git("rev-list", "--max-parents=0", "HEAD").strip())
    prepared.git("clean", "--quiet", "--force", "-d", "-x")
    for tag in prepared.git("tag").split():
        prepared.git("tag", "--delete", tag)


def test_a_dry_run_checks_and_packs_and_leaves_nothing(checkout):
    finished = checkout.release("--dry-run", VERSION)
    assert finished.returncode == 0, finished.stderr
    for line in ("checked", f"smx-{VERSION}.tar.xz: OK",
                 f"smx-{VERSION}.tar.gz: OK"):
        assert line in finished.stdout.splitlines()
    assert checkout.git("status", "--porcelain", "--ignored") == ""
    assert checkout.git("tag") == ""


# "dist -C FOLDER" leaves an archive and its sum there, and no more is done.
PACK = f"""#!/bin/sh
[ "$1" = dist ] || {{ mkdir -p "$2"; exit; }}
mkdir "$3/meson-dist" && cd "$3/meson-dist"
tar -cJf smx-{VERSION}.tar.xz -T /dev/null
sha256sum smx-{VERSION}.tar.xz >smx-{VERSION}.tar.xz.sha256sum
"""


def test_a_release_has_a_tag_that_says_what_is_new(checkout):
    (checkout.bin / "meson").write_text(PACK)
    (checkout.bin / "meson").chmod(0o755)
    finished = checkout.release(VERSION)
    (checkout.bin / "meson").unlink()
    assert finished.returncode == 0, finished.stderr
    assert checkout.git("tag", "--list", "--format=%(objecttype) %(contents)"
                        ).strip() == f"tag smx {VERSION}\n\n- News."
    packed = checkout.folder / "build-release/meson-dist"
    assert sorted(path.name for path in packed.iterdir()) == [
        f"smx-{VERSION}.tar.xz", f"smx-{VERSION}.tar.xz.sha256sum"]


def other_version(text):
    return text.replace(f"version: '{VERSION}'", "version: '9.9.9'")


@pytest.mark.parametrize("version, prepare, complaint", [
    ("1.2", None, "'1.2' is not a version"),
    ("01.2.3", None, "'01.2.3' is not a version"),
    (f"v{VERSION}", None, "is not a version"),
    (VERSION, lambda c: (c.folder / "new").touch(), "the tree has uncommitted changes"),
    (VERSION, lambda c: c.git("tag", f"v{VERSION}"),
     f"the tag v{VERSION} already exists"),
    (VERSION, lambda c: c.git("checkout", "--quiet", "--detach"),
     "releases are made on the branch main"),
    ("9.9.9", None, "meson.build does not say version: '9.9.9'"),
    ("9.9.9", lambda c: c.change("meson.build", other_version),
     "include/smx.h does not say SMX_VERSION_MAJOR 9"),
    (VERSION, lambda c: c.change("CHANGELOG.md", lambda text: text.replace(
        "2026-11-26", "unreleased")), "CHANGELOG.md has no entries under"),
    (VERSION, lambda c: c.change("CHANGELOG.md", lambda text: text.replace(
        "- News.", "", 1)), "CHANGELOG.md has no entries under"),
    (VERSION, lambda c: c.change(".ci/run", lambda text: text + "exit 1\n"),
     ".ci/run failed"),
])
def test_what_is_not_ready_is_not_released(
        checkout, version, prepare, complaint):
    if prepare:
        prepare(checkout)
    if checkout.git("diff", "--name-only"):
        checkout.commit()
    tags = checkout.git("tag")
    finished = checkout.release(version)
    assert finished.returncode == 1
    [line] = finished.stderr.splitlines()
    assert line.startswith("dev: ") and complaint in line
    assert checkout.git("tag") == tags
    assert not (checkout.folder / "build-release").exists()
