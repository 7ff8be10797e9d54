# SPDX-License-Identifier: MIT
"""Does what the pages say, and fails where they say something else.

Each page is read by somebody new, on a machine of its own: network, processes
and file system are namespaces, and what is written goes to memory. smx has been
installed there, as README.md says, and the shell is in the checkout.

  walk.py [PAGE]...
"""

import os
import pathlib
import subprocess
import sys

from play import Player, read_unplayed

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", "docs/*.md", "man/*.scd"]
HOME = "/home/ada"

# All that is written below / from here on is in memory, and gone at the end.
MACHINE = """
set -e
layer=/mnt/$1 below=$2 home=$3
mkdir -p $layer/upper $layer/work $layer/root
mount -t overlay overlay -o \\
    lowerdir=$below,upperdir=$layer/upper,workdir=$layer/work $layer/root
cd $layer/root
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs tmp
mount -t tmpfs tmpfs mnt
mkdir -p .$home
ip link set lo up
shift 3
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    HOME=$home LANG=C.UTF-8 TZ=UTC PYTHONDONTWRITEBYTECODE=1 \\
    chroot . sh -c 'cd "$HOME/smx" 2>/dev/null || cd; exec "$@"' sh "$@"
"""


def on_machine(name, below, *command, **kwargs):
    return subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
         "sh", "-c", MACHINE, "sh", name, below, HOME, *command], **kwargs)


def install():
    """The machine that every page begins with. Its changes are a layer."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"],
        stdout=subprocess.PIPE, check=False).stdout
    names = (listed.decode().split("\0") if listed else
             [name for name in os.listdir(ROOT) if not name.startswith("build")])
    archive = subprocess.run(
        ["tar", "-C", ROOT, "-c", "--no-recursion" if listed else "--recursion",
         *sorted(n for n in names if n and (ROOT / n).exists())],
        stdout=subprocess.PIPE, check=True).stdout
    return on_machine(
        "base", "/", "sh", "-c",
        "mkdir smx && cd smx && tar -x --no-same-owner && ./dev install "
        "</dev/null >../install.log 2>&1 || { cat ../install.log; exit 1; }",
        input=archive, check=False).returncode == 0


def pages(wanted):
    found = [str(path.relative_to(ROOT)) for pattern in PAGES
             for path in sorted(ROOT.glob(pattern))]
    for name in set(wanted) - set(found):
        sys.exit(f"{name} is not one of {' '.join(found)}")
    return wanted or found


def skip(wanted):
    """The kernel or a container does not permit such machines."""
    for name in wanted:
        print("skipped: pages", name)
    print(f"0 passed, 0 failed, {len(wanted)} skipped")
    sys.exit(0)


def outside(wanted):
    """In namespaces already: one machine for each page."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=True)
    if on_machine("trial", "/", "true", check=False).returncode:
        skip(wanted)
    if not install():
        sys.exit("./dev install failed, so no page was tried")
    failed = 0
    for number, name in enumerate(wanted):
        failed += on_machine(
            f"page{number}", "/mnt/base/upper:/", "/usr/bin/python3",
            "tests/pages/walk.py", "--inside", name,
            stdin=subprocess.DEVNULL, check=False).returncode != 0
    print(f"{len(wanted) - failed} passed, {failed} failed, 0 skipped",
          flush=True)
    sys.exit(failed > 0)


def inside(name):
    unplayed = read_unplayed(
        pathlib.Path(__file__).with_name("unplayed.txt").read_text())
    player = Player(os.getcwd(), unplayed)
    good = player.page(name, pathlib.Path(name).read_text())
    print(f"{'ok  ' if good else 'FAIL'}  {name}: {player.played} played",
          *player.failures, sep="\n", flush=True)
    os._exit(not good)


if sys.argv[1:2] == ["--inside"]:
    inside(sys.argv[2])
elif sys.argv[1:2] == ["--outside"]:
    outside(sys.argv[2:])
else:
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    unshare = ["unshare", *as_root, "--mount", "--net", "--pid", "--fork",
               "--kill-child"]
    names = pages(sys.argv[1:])
    if subprocess.run([*unshare, "true"], check=False).returncode:
        skip(names)
    os.execvp("unshare", [*unshare, sys.executable, "-B", __file__, "--outside",
                          *names])
