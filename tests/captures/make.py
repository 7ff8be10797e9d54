# SPDX-License-Identifier: MIT
"""Makes the captures in this folder: the real programs, on loopback.

    sudo SMX_SERVER=… SMX_CLIENT=… /usr/bin/python3 tests/captures/make.py [NAME]…

Capturing wants dumpcap, and the right to use it. Port 1337 must be free. What
smx.lua has to say of a capture is not made here but by tests/wireshark (see
the README).
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "system"))
sys.dont_write_bytecode = True

import programs     # noqa: E402
import xor_peer     # noqa: E402

PORT = 1337
SETTLED = 0.3       # seconds in which dumpcap has seen the last packet


@contextlib.contextmanager
def capture(path):
    """Capture what goes to and from the port."""
    process = subprocess.Popen(
        ["dumpcap", "-q", "-P", "-i", "lo", "-f", f"tcp port {PORT}",
         "-w", path], stderr=subprocess.PIPE, text=True)
    while not process.stderr.readline().startswith("File:"):
        assert process.poll() is None, "dumpcap ended"
    try:
        yield
        time.sleep(SETTLED)
    finally:
        process.terminate()
        process.wait()
    # It may be written by root, for the user to whom the folder belongs.
    os.chmod(path, 0o644)


def menu(*options, feed):
    finished = programs.run("smx-client", *options, "127.0.0.1", PORT,
                            feed=feed)
    assert finished.returncode == 0, finished.stderr


def xor():
    """The menu's four entries, over the xor exchange."""
    menu(feed="1\n2\n3\n5\n")


def noise():
    """The same, securely."""
    menu("--secure", "--trust-new", feed="1\n2\n3\n5\n")


def reset():
    """A session, and after the menu's reset another one."""
    menu("--modern", feed="2\n4\n2\n5\n")


def original():
    """Bare words, joined and cut; other spellings; and what is no word."""
    with xor_peer.Client(("127.0.0.1", PORT)).handshake() as client:
        for pieces in ([b"TIME"], [b"time"], [b" Date\r\n"], [b"hello"]):
            client.send(*pieces)
            client.receive_within(1)
        client.send(b"TIME", b"DATE", b"TIME")
        client.receive_exactly(15 + 10 + 15)
        request = client.seal(b"DATE")
        for piece in (request[:1], request[1:]):
            client.sock.sendall(piece)
            time.sleep(0.05)
        client.receive_exactly(10)
        client.send(b"TI")      # never completed: an error, a second later
        client.receive_exactly(4)
        client.send(b"END")
        client.receive_until_end()


SCENES = (xor, noise, reset, original)


def main():
    for scene in SCENES:
        if sys.argv[1:] and scene.__name__ not in sys.argv[1:]:
            continue
        server = programs.Server(port=PORT)
        try:
            with capture(str(HERE / f"{scene.__name__}.pcap")):
                scene()
        finally:
            complaints = server.stop()
        assert not complaints, complaints
        print(f"{scene.__name__}.pcap: {scene.__doc__}")


if __name__ == "__main__":
    main()
