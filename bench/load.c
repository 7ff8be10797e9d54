// SPDX-License-Identifier: MIT
/*
 * load: asks a server for the time, again and again, and counts.
 *
 * A closed loop: every connection sends a burst of --depth requests in one
 * send, waits for all their replies, and goes again, until exactly --requests
 * are answered; whoever is answered sooner asks more often, unless --equally
 * gives each connection the same number. --xor and --secure say which exchange
 * each connection runs first; without either, only bytes are counted: zeros
 * that mean nothing, or the --text, are sent for each request, and any
 * REPLY_BYTES are a reply.
 *
 * With --wait it says "ready" when all connections are open and makes a run
 * for every line on stdin, which may say how many requests. With --together a
 * run is one burst on each connection, "sent", and only then the replies. With
 * --handshakes a run is --requests connections, one after the other, that
 * agree on keys and leave. No wait but the one for stdin outlasts PATIENCE.
 */
#include <err.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "proto/session.h"

enum {
	BATCH = 100, /* connections that are opened at a time */
	CONNECTIONS_MAX = 28000,
	REQUESTS_MAX = 10000000,
	DEPTH_MAX = SESSION_DEPTH_MAX,
	BYTES_MAX = 1024,
	PATIENCE = 10, /* seconds */
	EVENTS = 256,
};

struct connection {
	int fd;
	struct session session;
	struct handshake handshake;
	size_t kept;      /* bytes of rest: a reply that is not whole yet */
	size_t allowance; /* requests that it may still make in this run */
	size_t due;       /* replies under way; of a bare peer, bytes */
	uint64_t left_at; /* when their requests left, ns */
	uint8_t rest[SESSION_KEPT_MAX];
};

static struct {
	size_t xor, secure, wait, together, equally, handshakes;
	size_t connections, idle, depth, requests;
	size_t request_bytes, reply_bytes;
	const char *text;
} opt = {
	.connections = 1,
	.depth = 1,
	.requests = 1000,
	.request_bytes = 4,
	.reply_bytes = 15,
};

static bool has_session(void)
{
	return opt.xor || opt.secure;
}

/* What is left of the run that is under way. */
static struct {
	size_t unsent, unanswered;
	size_t bursts;
	uint64_t *latency; /* one per burst or handshake, ns */
} run;

/* Opening a connection; the socket blocks, but no longer than PATIENCE. */

static int connect_to(const struct addrinfo *to)
{
	struct timeval patience = { .tv_sec = PATIENCE };
	struct linger reset = { .l_onoff = 1 }; /* leave no TIME_WAIT behind */
	int one = 1;
	int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, to->ai_addr, to->ai_addrlen))
		err(1, "connect");
	return fd;
}

static void send_whole(int fd, const uint8_t *bytes, size_t len)
{
	ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

	if (n < 0)
		err(1, "send");
	if ((size_t)n != len)
		errx(1, "the server does not take what it is sent");
}

static void replied(struct session_host *host, enum command request,
	const struct reply *reply);

static bool is_allowed(
	struct session_host *host, const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)host;
	return key; /* whoever it is, it is to be measured */
}

static struct session_host host = {
	.draw = random_bytes,
	.replied = replied,
	.is_allowed = is_allowed,
};

/* Takes n bytes, and sends what the session says to them. */
static void feed(struct connection *c, const uint8_t *in, size_t n)
{
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	if (session_feed(&c->session, &host, in, n, false, &out) != (ssize_t)n)
		errx(1, "the server breaks the protocol");
	if (out.len)
		send_whole(c->fd, out.bytes, out.len);
}

static void start_exchange(struct connection *c)
{
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	memset(&c->handshake, 0, sizeof(c->handshake));
	c->kept = 0;
	if (session_connect(&c->session,
		    opt.secure ? EXCHANGE_NOISE : EXCHANGE_XOR, &c->handshake,
		    &host, &out))
		errx(1, "the exchange does not begin");
	send_whole(c->fd, out.bytes, out.len);
}

static void finish_exchange(struct connection *c)
{
	size_t length = exchanges[c->session.exchange]->flight_bytes[1];
	uint8_t in[BYTES_MAX];
	ssize_t n = recv(c->fd, in, length, MSG_WAITALL);

	if (n < 0)
		err(1, "flight 2");
	if ((size_t)n != length)
		errx(1, "flight 2: closed by the server");
	feed(c, in, length);
}

static void open_batch(
	const struct addrinfo *to, struct connection *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		c[i].fd = connect_to(to);
		if (has_session())
			start_exchange(&c[i]);
	}
	for (size_t i = 0; has_session() && i < n; i++)
		finish_exchange(&c[i]);
}

/* The silent ones; nothing is kept of them but the descriptor. */
static void open_idle(const struct addrinfo *to, size_t n)
{
	static struct connection batch[BATCH];

	for (size_t todo; n; n -= todo) {
		todo = n < BATCH ? n : BATCH;
		open_batch(to, batch, todo);
	}
}

static struct connection *open_active(const struct addrinfo *to, int epoll)
{
	struct connection *all = calloc(opt.connections + 1, sizeof(*all));

	if (!all)
		err(1, "calloc");
	for (size_t i = 0; i < opt.connections; i += BATCH) {
		size_t left = opt.connections - i;

		open_batch(to, &all[i], left < BATCH ? left : BATCH);
	}
	for (size_t i = 0; i < opt.connections; i++) {
		struct epoll_event event = {
			.events = EPOLLIN,
			.data.ptr = &all[i],
		};

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event))
			err(1, "epoll_ctl");
	}
	return all;
}

/* Asking. */

static uint8_t plain[DEPTH_MAX * BYTES_MAX]; /* where there is no session */

static void make_plain(void)
{
	for (size_t i = 0; opt.text && i < opt.depth; i++)
		memcpy(&plain[i * opt.request_bytes], opt.text,
			opt.request_bytes);
}

static void ask_session(struct connection *c, size_t n)
{
	uint8_t bytes[DEPTH_MAX * BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	for (size_t i = 0; i < n; i++)
		if (session_send(&c->session, COMMAND_TIME, &out))
			errx(1, "a request cannot be made");
	c->due = n;
	c->left_at = clock_ns();
	send_whole(c->fd, out.bytes, out.len);
}

static void ask_plain(struct connection *c, size_t n)
{
	c->due = n * opt.reply_bytes;
	c->left_at = clock_ns();
	send_whole(c->fd, plain, n * opt.request_bytes);
}

static void ask(struct connection *c)
{
	size_t n = min_size(opt.depth, min_size(run.unsent, c->allowance));

	if (!n)
		return;
	run.unsent -= n;
	c->allowance -= n;
	if (has_session())
		ask_session(c, n);
	else
		ask_plain(c, n);
}

static struct connection *answered; /* whose bytes are being fed */

static void replied(struct session_host *unused, enum command request,
	const struct reply *reply)
{
	(void)unused;
	if (!command_is_reply(request, reply->text, reply->length) ||
		reply->text[0] == reply_error[0])
		errx(1, "a reply is no time of day");
	answered->due--;
	run.unanswered--;
}

static void count_bytes(struct connection *c, size_t n)
{
	if (n > c->due)
		errx(1, "the server sends more than it was asked for");
	run.unanswered -= (c->due + opt.reply_bytes - 1) / opt.reply_bytes -
			  (c->due - n + opt.reply_bytes - 1) / opt.reply_bytes;
	c->due -= n;
}

static void listen_to(struct connection *c)
{
	uint8_t in[SESSION_KEPT_MAX + DEPTH_MAX * BYTES_MAX];
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };
	ssize_t n, used;

	memcpy(in, c->rest, c->kept);
	n = recv(c->fd, in + c->kept, sizeof(in) - c->kept, MSG_DONTWAIT);
	if (n < 0)
		err(1, "recv");
	if (!n)
		errx(1, "closed by the server");
	answered = c;
	if (has_session()) {
		n += (ssize_t)c->kept;
		used = session_feed(
			&c->session, &host, in, (size_t)n, false, &out);
		if (used < 0)
			errx(1, "the server breaks the protocol");
		c->kept = (size_t)(n - used);
		memcpy(c->rest, in + used, c->kept);
	} else {
		count_bytes(c, (size_t)n);
	}
	if (c->due)
		return;
	run.latency[run.bursts++] = clock_ns() - c->left_at;
	ask(c);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Bursts on all connections at once, until all requests are answered. */
static void converse(struct connection *all, int epoll, size_t requests)
{
	struct epoll_event events[EVENTS];

	run.unsent = run.unanswered = requests;
	for (size_t i = 0; i < opt.connections; i++) {
		all[i].allowance =
			opt.equally ? requests / opt.connections : requests;
		ask(&all[i]);
	}
	if (opt.together) {
		puts("sent");
		fflush(stdout);
	}
	while (run.unanswered) {
		int n = epoll_wait(epoll, events, EVENTS, PATIENCE * 1000);

		if (n < 0)
			err(1, "epoll_wait");
		if (!n)
			errx(1, "no reply for %d seconds", PATIENCE);
		for (int i = 0; i < n; i++)
			listen_to(events[i].data.ptr);
	}
}

/* Connections that do nothing but agree on keys and leave. */
static void shake_hands(const struct addrinfo *to, size_t n)
{
	while (n--) {
		uint64_t began = clock_ns();
		struct connection c;

		open_batch(to, &c, 1);
		close(c.fd);
		run.latency[run.bursts++] = clock_ns() - began;
	}
}

static void run_once(const struct addrinfo *to, struct connection *all,
	int epoll, size_t requests)
{
	uint64_t began = clock_ns();

	if (opt.together)
		requests = opt.connections * opt.depth;
	if (!opt.handshakes && !opt.connections)
		requests = 0;
	if (opt.equally)
		requests -= requests % opt.connections;
	run.bursts = 0;
	run.latency = calloc(requests + 1, sizeof(*run.latency));
	if (!run.latency)
		err(1, "calloc");
	if (opt.handshakes)
		shake_hands(to, requests);
	else
		converse(all, epoll, requests);

	double seconds = (double)(clock_ns() - began) / 1e9;
	qsort(run.latency, run.bursts, sizeof(*run.latency), compare);
	printf("%zu %s, %.6f s, p50 %.1f us\n", requests,
		opt.handshakes ? "handshakes" : "requests", seconds,
		(double)run.latency[run.bursts / 2] / 1e3);
	fflush(stdout);
	free(run.latency);
}

/* The command line. */

static size_t number(const char *text, size_t least, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || (*end && *end != '\n') || n < least || n > most)
		errx(2, "'%s': %zu to %zu wanted", text, least, most);
	return n;
}

static _Noreturn void usage(void)
{
	errx(2, "usage: load [--xor | --secure] [--connections N] [--depth N]\n"
		"            [--requests N] [--idle N] [--together] [--equally]\n"
		"            [--wait] [--handshakes] [--text REQUEST]\n"
		"            HOST PORT [REQUEST_BYTES REPLY_BYTES]");
}

static const struct option {
	const char *name;
	size_t *value;
	size_t least, most; /* 1 and 1: takes no argument */
} options[] = {
	{ "--xor", &opt.xor, 1, 1 },
	{ "--secure", &opt.secure, 1, 1 },
	{ "--handshakes", &opt.handshakes, 1, 1 },
	{ "--wait", &opt.wait, 1, 1 },
	{ "--together", &opt.together, 1, 1 },
	{ "--equally", &opt.equally, 1, 1 },
	{ "--connections", &opt.connections, 0, CONNECTIONS_MAX },
	{ "--idle", &opt.idle, 0, CONNECTIONS_MAX },
	{ "--depth", &opt.depth, 1, DEPTH_MAX },
	{ "--requests", &opt.requests, 0, REQUESTS_MAX },
	{ "--text", NULL, 0, 0 },
};

static const struct option *find_option(const char *name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	usage();
}

/* Returns what follows the options. */
static char **parse(char **arg)
{
	for (; *arg && !strncmp(*arg, "--", 2); arg++) {
		const struct option *o = find_option(*arg);

		if (o->value == NULL)
			opt.text = arg[1] ? *++arg : "";
		else if (o->least == o->most)
			*o->value = 1;
		else if (*++arg)
			*o->value = number(*arg, o->least, o->most);
		else
			usage();
	}
	if (!arg[0] || !arg[1])
		usage();
	if (arg[2]) {
		if (has_session() || !arg[3] || arg[4])
			usage();
		opt.request_bytes = number(arg[2], 1, BYTES_MAX);
		opt.reply_bytes = number(arg[3], 1, BYTES_MAX);
	}
	if (opt.text && strlen(opt.text) != opt.request_bytes)
		errx(2, "the text is not of REQUEST_BYTES");
	if (opt.equally && (!opt.connections || opt.handshakes))
		errx(2, "--equally among no connections");
	return arg;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *to;
	struct rlimit files;
	char **peer = parse(argv + (argc > 0));
	char line[32];

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	int error = getaddrinfo(peer[0], peer[1], &hints, &to);
	if (error)
		errx(1, "%s: %s", peer[0], gai_strerror(error));
	int epoll = epoll_create1(0);
	if (epoll < 0)
		err(1, "epoll_create1");

	if (crypto_init())
		errx(1, "no randomness");
	struct noise_identity *identity = key_pair_new();
	if (!identity)
		err(1, "a key");
	random_bytes(identity->secret, sizeof(identity->secret));
	noise_identity_finish(identity);
	host.identity = identity;

	if (opt.handshakes)
		opt.connections = 0;
	make_plain();
	open_idle(to, opt.idle);
	struct connection *all = open_active(to, epoll);
	if (!opt.wait) {
		run_once(to, all, epoll, opt.requests);
		return 0;
	}
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		run_once(to, all, epoll,
			*line == '\n' ? opt.requests
				      : number(line, 0, REQUESTS_MAX));
	return 0;
}
