// SPDX-License-Identifier: MIT
#include "lab/load_open.h"

#include <err.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include "crypto/key.h"
#include "crypto/random.h"
#include "lab/load_options.h"

enum { BATCH = 100 }; /* connections that are opened at a time */

/* The socket blocks, but no longer than PATIENCE. */
static int connect_to(const struct addrinfo *to)
{
	struct timeval patience = { .tv_sec = PATIENCE };
	struct linger reset = { .l_onoff = 1 }; /* leaves no TIME_WAIT */
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

void send_whole(int fd, const uint8_t *bytes, size_t len)
{
	ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

	if (n < 0)
		err(1, "send");
	if ((size_t)n != len)
		errx(1, "the server is not accepting data");
}

static bool is_allowed(struct session_host *unused, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	(void)unused;
	return key; /* any server is to be measured */
}

struct session_host host = {
	.draw = random_bytes,
	.is_allowed = is_allowed,
};

/* Takes n bytes, and sends what the session says to them. */
static void feed(struct connection *c, const uint8_t *in, size_t n)
{
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	if (session_feed(&c->session, &host, in, n, false, &out) != (ssize_t)n)
		errx(1, "the server broke the protocol");
	if (out.len)
		send_whole(c->fd, out.bytes, out.len);
}

static void start_exchange(struct connection *c)
{
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	memset(&c->handshake, 0, sizeof(c->handshake));
	c->kept = 0;
	if (session_connect(
		    &c->session, opt.exchange, &c->handshake, &host, &out))
		errx(1, "cannot start the key exchange");
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

void open_batch(const struct addrinfo *to, struct connection *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		c[i].fd = connect_to(to);
		if (has_session())
			start_exchange(&c[i]);
	}
	for (size_t i = 0; has_session() && i < n; i++)
		finish_exchange(&c[i]);
}

void open_idle(const struct addrinfo *to)
{
	static struct connection batch[BATCH];

	for (size_t n = opt.idle, todo; n; n -= todo) {
		todo = min_size(n, BATCH);
		open_batch(to, batch, todo);
	}
}

struct connection *open_active(const struct addrinfo *to, int epoll)
{
	struct connection *all = calloc(opt.connections + 1, sizeof(*all));

	if (!all)
		err(1, "calloc");
	for (size_t i = 0; i < opt.connections; i += BATCH) {
		open_batch(to, &all[i], min_size(opt.connections - i, BATCH));
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

void open_init(void)
{
	struct noise_identity *identity;

	if (crypto_init())
		errx(1, "no system random source");
	identity = key_identity_new();
	if (!identity)
		err(1, "cannot make a key");
	random_bytes(identity->secret, sizeof(identity->secret));
	noise_identity_finish(identity);
	host.identity = identity;
}
