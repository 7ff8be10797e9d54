// SPDX-License-Identifier: MIT
/*
 * load: asks a server for the time over and over, and measures how long that
 * takes.
 *
 * It is a closed loop: each connection sends a burst of --depth requests in
 * one send, waits for all the replies, and sends the next burst, until exactly
 * --requests have been answered. A connection that is answered sooner asks more
 * often, unless --equally gives each connection the same number.
 *
 * With --exchange, each connection begins with that exchange. Without it, only
 * bytes are counted: for each request the --text, or zeros, are sent, and any
 * REPLY_BYTES bytes are a reply.
 *
 * With --wait it prints "ready" when all connections are open, and makes a run
 * for every line on stdin, which may give the number of requests. With
 * --together a run is one burst on each connection; then it prints "sent", and
 * only then it reads the replies. With --handshakes a run is --requests
 * connections, one after another, that exchange keys and leave. No wait is
 * longer than PATIENCE, except the one for stdin.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/load_open.h"
#include "lab/load_options.h"

enum { EVENTS = 256 };

/* The run that is under way. */
static struct {
	size_t unsent, unanswered;
	size_t bursts;
	uint64_t *latency; /* one per burst or handshake, ns */
} run;

static uint8_t plain[DEPTH_MAX * BYTES_MAX]; /* requests without a session */

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
			errx(1, "cannot make a request");
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

static void replied(struct session_host *unused, struct session *session,
	enum command request, const struct reply *reply)
{
	struct connection *c =
		(struct connection *)((char *)session -
				      offsetof(struct connection, session));

	(void)unused;
	if (!command_is_reply(request, reply->text, reply->length) ||
		reply->text[0] == reply_error[0])
		errx(1, "a reply is not a time of day");
	c->due--;
	run.unanswered--;
}

static void count_bytes(struct connection *c, size_t n)
{
	if (n > c->due)
		errx(1, "the server sent more than was requested");
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
	if (has_session()) {
		n += (ssize_t)c->kept;
		used = session_feed(
			&c->session, &host, in, (size_t)n, false, &out);
		if (used < 0)
			errx(1, "the server broke the protocol");
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
			errx(1, "no reply within %d seconds", PATIENCE);
		for (int i = 0; i < n; i++)
			listen_to(events[i].data.ptr);
	}
}

/* Connections that do nothing but exchange keys and leave. */
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
	if (opt.equally && opt.connections)
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
	size_t middle = run.bursts / 2;
	qsort(run.latency, run.bursts, sizeof(*run.latency), compare);
	printf("%zu %s, %.6f s, p50 %.1f us\n", requests,
		opt.handshakes ? "handshakes" : "requests", seconds,
		(double)run.latency[middle] / 1e3);
	fflush(stdout);
	free(run.latency);
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *to;
	struct rlimit files;
	char line[32];

	options_parse(argv + (argc > 0));
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	int error = getaddrinfo(opt.host, opt.port, &hints, &to);
	if (error)
		errx(1, "%s: %s", opt.host, gai_strerror(error));
	int epoll = epoll_create1(0);
	if (epoll < 0)
		err(1, "epoll_create1");

	open_init();
	host.replied = replied;
	make_plain();
	open_idle(to);
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
				      : options_number(line, 0, REQUESTS_MAX));
	return 0;
}
