# SPDX-License-Identifier: MIT
"""Somebody on the path between a client and a server.

A script for `xor_peer.Server` is made of a function of two connections, to
the client and to the server, each with what `xor_peer.Connection` offers.
"""

import socket
import struct
import threading

from xor_peer import PATIENCE, Connection

PIECE_BYTES = 4096


class Ear:
    """A socket that puts down all it receives."""

    def __init__(self, sock):
        self.sock = sock
        self.heard = b""

    def recv(self, most):
        piece = self.sock.recv(most)
        self.heard += piece
        return piece

    def __getattr__(self, name):
        return getattr(self.sock, name)


class End(Connection):
    """One end."""

    def __init__(self, sock):
        super().__init__(Ear(sock))

    @property
    def heard(self):
        return self.sock.heard

    def forward(self, to, count=None):
        """Hand on so many bytes, or all that come; what was handed on."""
        done = b""
        while count is None or len(done) < count:
            most = PIECE_BYTES if count is None else count - len(done)
            piece = self.sock.recv(most)
            if not piece:
                break
            to.sock.sendall(piece)
            done += piece
        return done

    def swallow(self):
        while self.sock.recv(PIECE_BYTES):
            pass

    def stop_hearing(self):
        """Whoever waits for bytes of this end does so no more."""
        try:
            self.sock.shutdown(socket.SHUT_RD)
        except OSError:
            pass

    def reset(self):
        """Close as at a crash."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()


def relay(client, server, upwards=None, downwards=None, ending=End.close):
    """Hand on what either end says, until one of them is done.

    upwards and downwards say after how many bytes that is the case; ending is
    what is then done to both.
    """
    over = threading.Event()

    def one_way(source, to, count):
        try:
            source.forward(to, count)
        except OSError:
            pass
        over.set()

    threads = [threading.Thread(target=one_way, args=one, daemon=True)
               for one in ((client, server, upwards),
                           (server, client, downwards))]
    for thread in threads:
        thread.start()
    over.wait(PATIENCE)
    for side in (client, server):
        side.stop_hearing()
    for thread in threads:
        thread.join(PATIENCE)
    for side in (client, server):
        ending(side)


def between(address, act=relay):
    """The script that connects to that address and then acts."""
    def script(session):
        client = End(session.sock)
        session.end = client
        with End(socket.create_connection(address, PATIENCE)) as server:
            session.server_end = server
            act(client, server)
    return script
