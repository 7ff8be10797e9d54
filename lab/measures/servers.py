# SPDX-License-Identifier: MIT
"""The programs that are compared: how each is started, and what its load is
told. A server is a Program with a `port`, started in `lab.folder`."""

import contextlib
import re
import shutil
import socket
import subprocess
import time

from measures.processes import PATIENCE, Failure, Missing, Program


def need(program, package):
    path = shutil.which(program)
    if not path:
        raise Missing(f"{program} is not installed (Debian: {package})")
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server(Program):
    """before: what runs it, such as valgrind. asks: the load's arguments for
    this server's requests, before and after the address."""

    asks = (), ()

    def __init__(self, lab, *command, before=(), cores=None):
        self.lab, self.cores = lab, cores or lab.server_cores
        super().__init__(*before, *command, cores=self.cores)

    def load(self, *options):
        """A load on this server, ready, waiting to be told to run."""
        before, after = self.asks
        load = Program(self.lab.load, "--wait", *before, *options,
                       "127.0.0.1", self.port, *after,
                       cores=self.lab.load_cores)
        if load.line() != "ready":
            raise Failure("load is not ready")
        return load


class Smx(Server):
    """exchange: by name, the one that its load runs."""

    def __init__(self, lab, exchange="xor", threads=1, before=(), **how):
        # What valgrind needs of the system, the cage does not permit.
        free = ["--no-cage"] if "--tool=callgrind" in before else []
        super().__init__(lab, lab.server, *free, "--quiet", "--threads", threads,
                         "--host", "127.0.0.1", "--port", 0,
                         "--key", lab.folder / "server.key",
                         before=before, **how)
        self.asks = ["--exchange", exchange], ()
        self.port = re.findall(r"\d+", self.line_with("listening"))[-1]


class Bare(Server):
    """The floor, with the sizes of an exchange's requests and replies."""

    def __init__(self, lab, sizes=(4, 15), options=(), **how):
        super().__init__(lab, lab.bare, *options, 0, *sizes, **how)
        self.asks = (), sizes
        self.port = self.line()


class FlightsOnly(Bare):
    """The floor of handshakes: moves the bytes of an xor exchange, and accepts
    as smx does. Its load runs the real exchange, so both have the same load."""

    def __init__(self, lab):
        super().__init__(lab, options=["-t", 1, "-f", 128])
        self.asks = ["--exchange", "xor"], ()


class Redis(Server):
    """Asked in the form that its clients use. The inline form (GET t) would be
    shorter, but Redis takes longer to read it."""

    KEY, VALUE = "t", "14:08:38.630789"
    REQUEST = f"*2\r\n$3\r\nGET\r\n$1\r\n{KEY}\r\n"
    REPLY = f"${len(VALUE)}\r\n{VALUE}\r\n"

    def __init__(self, lab):
        self.port = free_port()
        super().__init__(
            lab, need("redis-server", "redis-server"), "--port", self.port,
            "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", lab.folder)
        self.line_with("eady to accept connections")
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            s.sendall(f"SET {self.KEY} {self.VALUE}\r\n".encode())
            if s.recv(64) != b"+OK\r\n":
                raise Failure("redis does not keep what is to be asked for")
        self.asks = (["--text", self.REQUEST],
                     [len(self.REQUEST), len(self.REPLY)])


NGINX_CONF = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx.body;
    proxy_temp_path {folder}/nginx.proxy;
    fastcgi_temp_path {folder}/nginx.fastcgi;
    uwsgi_temp_path {folder}/nginx.uwsgi;
    scgi_temp_path {folder}/nginx.scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/nginx.crt;
        ssl_certificate_key {folder}/nginx.pem;
        ssl_protocols TLSv1.3;
        ssl_ecdh_curve X25519;
        ssl_session_cache off;
        ssl_session_tickets off;
        ssl_conf_command NumTickets 0;
    }}
}}
"""


class Nginx(Server):
    """TLS 1.3 with a self-signed certificate and without resumption."""

    def __init__(self, lab):
        nginx, openssl = need("nginx", "nginx"), need("openssl", "openssl")
        self.port = free_port()
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
             "-days", "2", "-keyout", lab.folder / "nginx.pem",
             "-out", lab.folder / "nginx.crt"],
            check=True, capture_output=True)
        conf = lab.folder / "nginx.conf"
        conf.write_text(NGINX_CONF.format(folder=lab.folder, port=self.port))
        super().__init__(lab, nginx, "-e", "stderr", "-p", lab.folder,
                         "-c", conf)
        self.await_port()

    def await_port(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), \
                    socket.create_connection(("127.0.0.1", self.port)):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise Failure("nginx does not listen")

    def load(self, seconds=1):
        """Full handshakes for that long, and a little more."""
        return Program(need("openssl", "openssl"), "s_time", "-new", "-tls1_3",
                       "-connect", f"127.0.0.1:{self.port}", "-time", seconds,
                       cores=self.lab.load_cores)
