# SPDX-License-Identifier: MIT
"""Where it happens: a network namespace for the servers, and beside it one for
each camp of clients, with whole networks of addresses. They have no names, so
they are gone with the last process in them, however that ends."""

import ctypes
import os
import subprocess

from measures.processes import Failure, Program

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
libc = ctypes.CDLL(None, use_errno=True)


class Forbidden(Failure):
    """This machine does not let us make network namespaces."""


def unshare(flags):
    if libc.unshare(flags):
        error = ctypes.get_errno()
        raise Forbidden(
            "network namespaces are needed: run it as root, or where a user "
            f"may make namespaces of their own ({os.strerror(error)})")


def leave_home():
    """From now on this process has a network of its own, without a user's
    namespace where that is not needed (for its limits are lower)."""
    try:
        unshare(CLONE_NEWNET)
    except Forbidden:
        user, group = os.geteuid(), os.getegid()
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                           ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def do(*words):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


class Camp:
    """A namespace of clients. `number` tells camps apart: its addresses are
    10.(100 + number).0.0/16 and fd00:number::/32, each of them usable."""

    def __init__(self, number):
        self.holder = Program("unshare", "--net", "sh", "-c", "echo; exec cat")
        self.holder.line()
        self.inside = ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")
        self.number = number
        self.server = f"10.99.{number}.1"
        self.server6 = f"fd99:{number}::1"
        self.network = f"10.{100 + number}.0.0/16"
        self.network6 = f"fd00:{number}::/32"
        self.connect()

    def connect(self):
        ours, theirs = f"camp{self.number}", f"home{self.number}"
        do("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs,
           "netns", self.holder.pid)
        do("ip", "address", "add", f"{self.server}/30", "dev", ours)
        do("ip", "-6", "address", "add", f"{self.server6}/64", "dev", ours,
           "nodad")
        do("ip", "link", "set", ours, "up")
        gate, gate6 = f"10.99.{self.number}.2", f"fd99:{self.number}::2"
        self.do("link", "set", "lo", "up")
        self.do("address", "add", f"{gate}/30", "dev", theirs)
        self.do("-6", "address", "add", f"{gate6}/64", "dev", theirs, "nodad")
        self.do("link", "set", theirs, "up")
        self.do("route", "add", "local", self.network, "dev", "lo")
        self.do("-6", "route", "add", "local", self.network6, "dev", "lo")
        do("ip", "route", "add", self.network, "via", gate)
        do("ip", "-6", "route", "add", self.network6, "via", gate6)

    def do(self, *words):
        do(*self.inside, "ip", *words)

    def sources(self, count, block=0):
        """So many IPv4 addresses in a row; other blocks are others."""
        return f"10.{100 + self.number}.{block}.1/32*{count}"

    def sources6(self, count, block=0):
        """So many addresses of one /64."""
        return f"fd00:{self.number}:{block + 1:x}::1/128*{count}"

    def networks6(self, count, block=0):
        """So many /64s of one /48, an address of each."""
        return f"fd00:{self.number}:{block + 1:x}::1/64*{count}"


def prepare():
    """Two camps: of the honest and of the hostile."""
    do("ip", "link", "set", "lo", "up")
    return Camp(1), Camp(2)


def sockets(*words):
    """What ss says of the sockets of the servers' namespace."""
    return subprocess.run(["ss", *map(str, words)], capture_output=True,
                          text=True, check=True).stdout


def dropped():
    """Connections that the kernel has dropped, since a queue was full."""
    with open("/proc/self/net/netstat") as file:
        lines = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(dict(zip(*lines))["ListenOverflows"])
