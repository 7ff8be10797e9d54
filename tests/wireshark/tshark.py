# SPDX-License-Identifier: MIT
"""Asks tshark, or another of its family, what smx.lua makes of a capture."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "wireshark" / "smx.lua"
PATIENCE = 120.0
NOBODY = 65534


def folder():
    """One that everybody may read."""
    made = tempfile.TemporaryDirectory()
    os.chmod(made.name, 0o755)
    return made


EMPTY = folder()
FILES = folder()
AS_ROOT = re.compile(r'Running as user "root".*\n')

# Neither what whoever runs the tests has set up, nor what is installed.
ENVIRONMENT = {
    **os.environ, "HOME": EMPTY.name, "XDG_CONFIG_HOME": EMPTY.name,
    "WIRESHARK_CONFIG_DIR": EMPTY.name, "WIRESHARK_PLUGIN_DIR": EMPTY.name,
    "LC_ALL": "C.UTF-8", "TZ": "UTC"}
FIELDS = [f"smx.{name}" for name in (
    "exchange", "flight", "request", "reply", "text", "response_in",
    "response_to", "time", "segment", "whole_in", "lost", "cut", "xor.xcs",
    "xor.x", "noise.older_key", "readable", "no_key", "strange", "gap",
    "short")] + ["_ws.expert.message"]
COLUMNS = 'gui.column.format:"Number","%m","Protocol","%p","Info","%i"'


def find(name="tshark"):
    return shutil.which(os.environ.get("SMX_" + name.upper()) or name)


def installed():
    """A copy that would be loaded too, and be in the way; root gets them all,
    whatever the environment says."""
    folders = subprocess.run([find(), "-G", "folders"], env=ENVIRONMENT,
                             capture_output=True, text=True).stdout
    for folder in re.findall(r"Lua Plugins:\s+(.*)", folders):
        for path in pathlib.Path(folder).glob("**/smx.lua"):
            return path
    return None


def unprivileged():
    """Who runs tshark in root's place: since 4.6 it gives up root's rights by
    itself, before it opens files; so that all versions do the same."""
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    if os.geteuid() != 0:
        return {}
    try:
        subprocess.run(["true"], check=True, **nobody)
    except (OSError, subprocess.SubprocessError):
        return {}       # a container that knows nobody else
    return nobody


WHO = unprivileged()


def readable(path):
    """A copy that everybody may read, whatever folder the file is in."""
    copy = pathlib.Path(FILES.name, pathlib.Path(path).name)
    shutil.copyfile(path, copy)
    copy.chmod(0o644)
    return copy


def check(text, errors):
    """There was no word of Lua, nor anything else to complain of."""
    assert "Lua" not in text
    assert AS_ROOT.sub("", errors) == ""


def tshark(path, *arguments, script=SCRIPT):
    """What it prints."""
    finished = subprocess.run(
        [find(), "-X", f"lua_script:{readable(script)}", "-o", COLUMNS, "-n",
         "-r", str(readable(path)), *arguments], env=ENVIRONMENT, **WHO,
        capture_output=True, encoding="utf-8", errors="backslashreplace",
        timeout=PATIENCE)
    check(finished.stdout, finished.stderr)
    assert finished.returncode == 0
    return finished.stdout


def lines(path, *arguments):
    """The packet list, of smx: number, protocol and info."""
    text = tshark(path, "-Y", "smx", *arguments)
    return [line.strip() for line in text.splitlines()]


def infos(path, *arguments):
    return [line.split(" ", 2)[2] for line in lines(path, *arguments)]


def dissection(path, *arguments):
    """The packet list, and below each packet the tree of smx."""
    text = tshark(path, "-2", "-Y", "smx", "-O", "smx", "-V", "-P", *arguments)
    kept, is_ours = [], False
    for line in text.splitlines():
        is_head = re.match(r" *\d+ SMX ", line)
        is_ours = bool(is_head or line.startswith("Simple message exchange")
                       or is_ours and line.startswith(" "))
        if is_ours:
            kept.append(line.strip() if is_head else line)
    return "\n".join(kept) + "\n"


def values(path, *arguments, fields=FIELDS):
    """For each packet of smx its number, and a list of texts by field."""
    text = tshark(path, "-2", "-Y", "smx", "-T", "json", "-e", "frame.number",
                  *(word for field in fields for word in ("-e", field)),
                  *arguments)
    layers = [packet["_source"]["layers"] for packet in json.loads(text)]
    return [(int(found.pop("frame.number")[0]), found) for found in layers]
