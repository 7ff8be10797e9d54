# SPDX-License-Identifier: MIT
"""A new request and a new exchange are a row each and a function of their own.

In a copy of the tree both are added, and nothing else is changed; then they
are used from server to client. How many files and lines it took is printed
(pytest -s). The request's word has another length than those there are, and its
reply is a number; the exchange is Noise NN, which has two flights and no keys.
Then rows follow that use what no other row does: a reply of letters, a number
with a lower bound above 0, the longest possible word, and a single flight.
"""

import difflib
import re
import shutil
import subprocess

import pytest

import programs

ROOT = programs.ROOT
COPIED = ("include", "src", "examples", "man", "wireshark", "tests", "lab",
          "meson.build", "meson_options.txt")
PROGRAMS = ("smx-server", "smx-client", "smx-bench")

# File, the line that the new ones follow, and these.
REQUEST = [
    ("src/proto/command.h", "\tCOMMAND_TEMP,\n", "\tCOMMAND_HUMIDITY,\n"),
    ("src/proto/command.c", r"\t\[COMMAND_TEMP\] = .*\n",
     '\t[COMMAND_HUMIDITY] = { WORD("HUMIDITY", COMMAND_LEAST), '
     "{ .min = 0, .max = 100 } },\n"),
    ("src/server/answer.c", r"static void answer_end\(", """\
static void answer_humidity(struct answers *a, struct reply *reply)
{
	(void)a;
	say(reply, "47", 2);
}

"""),
    ("src/server/answer.c", r"\t\[COMMAND_TEMP\] = .*\n",
     "\t[COMMAND_HUMIDITY] = answer_humidity,\n"),
]
# Replies of other forms than those there are, and the longest possible word.
FORMS = [
    ("src/proto/command.h", "\tCOMMAND_HUMIDITY,\n",
     "\tCOMMAND_PING,\n\tCOMMAND_PRESSURE,\n"),
    ("src/proto/command.c", r"\t\[COMMAND_HUMIDITY\] = .*\n",
     '\t[COMMAND_PING] = { WORD("PINGPINGPINGPING", COMMAND_LEAST), '
     '{ .text = "PONG" } },\n'
     '\t[COMMAND_PRESSURE] = { WORD("PRESSURE", COMMAND_LEAST), '
     "{ .min = 950, .max = 1050 } },\n"),
    ("src/server/answer.c", r"static void answer_end\(", """\
static void answer_ping(struct answers *a, struct reply *reply)
{
	(void)a;
	say(reply, "PONG", 4);
}

static void answer_pressure(struct answers *a, struct reply *reply)
{
	(void)a;
	say(reply, "949", 3);
}

"""),
    ("src/server/answer.c", r"\t\[COMMAND_HUMIDITY\] = .*\n",
     "\t[COMMAND_PING] = answer_ping,\n"
     "\t[COMMAND_PRESSURE] = answer_pressure,\n"),
]
EXCHANGE = [
    ("src/proto/exchange.h", r"extern const struct exchange exchange_noise;\n",
     "extern const struct exchange exchange_nn;\n"),
    ("src/proto/exchange.h", r"EXCHANGE_NOISE,(?= EXCHANGE_COUNT)",
     " EXCHANGE_NN,"),
    ("src/proto/exchange.c", r"\t\[EXCHANGE_NOISE\] = .*\n",
     "\t[EXCHANGE_NN] = &exchange_nn,\n"),
    ("src/proto/exchange_noise.c", r"\Z", """
static const struct noise_pattern nn = {
	.protocol = "Noise_NN_25519_ChaChaPoly_SHA256",
	.messages = 2,
	.tokens = { { NOISE_E }, { NOISE_E, NOISE_EE } },
};

const struct exchange exchange_nn = {
	.name = "noise-nn",
	.magic = "SMX1-NN\\n",
	.flights = 2,
	.flight_bytes = { 32, 48 },
	.resets_on_failure = true,
	.is_costly = true,
	.pattern = &nn,
	.start = start,
	.write = write_flight,
	.read = read_flight,
	.finish = finish,
	.serve = serve,
	.open_reply = open_reply,
	.seal = seal,
};
"""),
]
# One flight, whose mask is the key.
ONE_FLIGHT = [
    ("src/proto/exchange.h", r"extern const struct exchange exchange_nn;\n",
     "extern const struct exchange exchange_bare;\n"),
    ("src/proto/exchange.h", r" EXCHANGE_NN,", " EXCHANGE_BARE,"),
    ("src/proto/exchange.c", r"\t\[EXCHANGE_NN\] = .*\n",
     "\t[EXCHANGE_BARE] = &exchange_bare,\n"),
    ("src/proto/exchange_xor.c", r"\Z", """
static int read_key(
	struct handshake *h, union keys *k, int flight, const uint8_t *bytes)
{
	(void)h;
	(void)flight;
	xor_apply(k->xor, bytes, sizeof(k->xor), (const uint8_t *)"", 1);
	return 0;
}

static int write_key(struct handshake *h, int flight, uint8_t *bytes)
{
	(void)flight;
	memcpy(bytes, h->xor.block, sizeof(h->xor.block));
	return 0;
}

static void finish_key(const struct handshake *h, union keys *k)
{
	(void)h;
	(void)k;
}

const struct exchange exchange_bare = {
	.name = "bare",
	.magic = "SMX1-1\\n",
	.flights = 1,
	.flight_bytes = { 128 },
	.start = start,
	.write = write_key,
	.read = read_key,
	.finish = finish_key,
	.serve = serve,
	.open_reply = open_reply,
	.seal = seal,
	.patience = {
		[ROLE_CLIENT] = RECOVER_REPLY_MS,
		[ROLE_SERVER] = RECOVER_REQUEST_MS,
	},
};
"""),
]


def add(tree, rows):
    """Adds them: how many files and lines that took."""
    before = {}
    for name, anchor, text in rows:
        file = tree / name
        before.setdefault(name, file.read_text())
        old = file.read_text()
        found = re.search(anchor, old)
        assert found, f"no {anchor!r} in {name}"
        at = found.start() if anchor.endswith(r"\(") else found.end()
        file.write_text(old[:at] + text + old[at:])
    lines = sum(
        line.startswith("+") and not line.startswith("+++")
        for name, old in before.items()
        for line in difflib.unified_diff(
            old.splitlines(), (tree / name).read_text().splitlines(), n=0))
    return len(before), lines


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The programs of the copy; $SMX_SERVER and so on are those."""
    tree = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(
            source, tree / name)
    for what, rows in (("request", REQUEST), ("exchange", EXCHANGE),
                       ("pair of requests", FORMS),
                       ("exchange", ONE_FLIGHT)):
        files, lines = add(tree, rows)
        print(f"\none more {what}: {files} files, {lines} lines")
        assert files <= 4
    build = tree / "build"
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT,
           "stdin": subprocess.DEVNULL, "text": True}
    for command in (
            ["meson", "setup", build, tree, "-Dbuildtype=plain",
             "-Db_lto=false", "-Dtests=disabled", "--werror"],
            ["ninja", "-C", build, *(f"src/{name}" for name in PROGRAMS)]):
        finished = subprocess.run(command, timeout=300, **how)
        assert finished.returncode == 0, finished.stdout
    with pytest.MonkeyPatch.context() as patch:
        for name in PROGRAMS:
            patch.setenv(name.upper().replace("-", "_"),
                         str(build / "src" / name))
        yield build


@pytest.fixture
def start(built):
    """Starts the copy's server. (Both loops need not be tried.)"""
    started = []

    def begin(*arguments):
        started.append(programs.Server(*arguments))
        return started[-1]

    yield begin
    assert [complaint for one in started for complaint in one.stop()] == []


def ask(server, exchange, request):
    return programs.run("smx-client", "--exchange", exchange, "--timeout", "1",
                        "127.0.0.1", server.port, request)


EXCHANGES = pytest.mark.parametrize("exchange", ("xor", "noise-nn", "bare"))


@EXCHANGES
def test_the_client_asks_for_it_over(start, exchange):
    asked = ask(start(), exchange, "humidity")
    assert (asked.returncode, asked.stdout) == (0, "47\n"), asked


@EXCHANGES
def test_a_fixed_reply_may_be_letters(start, exchange):
    asked = ask(start(), exchange, "pingpingpingping")
    assert (asked.returncode, asked.stdout) == (0, "PONG\n"), asked


@EXCHANGES
def test_a_number_below_its_bounds_is_no_reply(start, exchange):
    asked = ask(start(), exchange, "pressure")
    # Where nothing ends a number, a greater one could still follow.
    late = exchange != "noise-nn"
    assert (asked.returncode, asked.stdout) == (4 if late else 5, ""), asked


@EXCHANGES
def test_the_menu_says_how_long_it_took_over(start, exchange):
    used = programs.run("smx-client", "--exchange", exchange, "127.0.0.1",
                        start().port, feed="5\n")
    took = re.search(r"Key exchange time: ([\d.]+) ms", used.stdout)
    assert took and 0 < float(took[1]) < 10000, used


def test_the_menu_has_it_after_the_originals_entries(start):
    used = programs.run("smx-client", "127.0.0.1", start().port,
                        feed="7\nhumidity\n10\n5\n")
    assert "6. print menu\n7. get humidity\n" in used.stdout
    assert used.stdout.count("Response from server: 47\n") == 2
    assert used.stdout.count("Invalid option") == 1


def load(server, exchange, *options):
    return programs.run(
        "smx-bench", "--exchange", exchange, "--command", "humidity",
        "--requests", "40", "--connections", "2", *options, "127.0.0.1",
        server.port)


@pytest.mark.parametrize("exchange, depth",
                         [("xor", 1), ("noise-nn", 8), ("bare", 1)])
def test_the_load_generator_asks_for_it_over(start, exchange, depth):
    server = start()
    done = load(server, exchange, "--depth", depth)
    assert done.returncode == 0, done
    assert server.counters()["HUMIDITY"] == 40


@EXCHANGES
def test_key_exchanges_are_measured_over(start, exchange):
    done = programs.run(
        "smx-bench", "--exchange", exchange, "--handshakes", "--requests",
        "20", "--connections", "2", "127.0.0.1", start().port)
    assert done.returncode == 0, done


def test_a_number_is_not_pipelined_where_nothing_ends_it(start):
    assert load(start(), "xor", "--depth", "2").returncode == 2


def test_a_server_that_insists_on_keys_takes_none_without(start):
    assert ask(start("--require-secure"), "noise-nn", "time").returncode != 0


def test_the_counters_call_it_by_its_word(start):
    server = start()
    assert ask(server, "noise-nn", "HUMIDITY").returncode == 0
    assert server.counters()["HUMIDITY"] == 1
