# SPDX-License-Identifier: MIT
"""The machine that was measured on, and the versions of the programs."""

import contextlib
import os
import platform
import re
import resource
import shutil
import subprocess
import time

VERSIONS = {
    "Redis": ["redis-server", "--version"],
    "nginx": ["nginx", "-v"],
    "OpenSSL": ["openssl", "version"],
    "valgrind": ["valgrind", "--version"],
    "strace": ["strace", "--version"],
}


def processor():
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        for text in file:
            if text.startswith("model name"):
                return text.partition(":")[2].strip()
    return platform.machine()


def is_guest():
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        return re.search(r"^flags.*\bhypervisor\b", file.read(), re.M)


def output(*command):
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip()


def version(command):
    found = re.search(r"\d+\.\d[\w.]*", output(*command))
    return found[0] if found else "not installed"


def facts(lab):
    """Pairs of a name and what it is here."""
    yield "machine", (f"{processor()}, {os.cpu_count()} cores"
                      + (", a virtual machine" if is_guest() else ""))
    yield "system", f"Linux {platform.release()}, {output('uname', '-m')}"
    yield "date", time.strftime("%Y-%m-%d")
    yield "smx", output(lab.server, "--version").splitlines()[0]
    yield "compiler", output("cc", "--version").splitlines()[0]
    yield "libsodium", version(["pkg-config", "--modversion", "libsodium"])
    for name, command in VERSIONS.items():
        yield name, version(command)
    yield "cores", (f"servers on {numbers(lab.server_cores)}, "
                    f"loads on {numbers(lab.load_cores)}")
    yield "slices", f"{lab.slice_seconds:g} s"


def numbers(cores):
    return " and ".join(str(core) for core in sorted(cores))


def raise_descriptors():
    """Raises their limit as far as allowed, for the children too; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1 << 30
