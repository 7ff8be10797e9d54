// SPDX-License-Identifier: MIT
#include "lab/visitor.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/key.h"
#include "crypto/random.h"

enum { BYTES_MAX = 1024 };

static bool is_allowed(struct session_host *unused, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)unused;
	(void)session;
	return key;
}

static void replied(struct session_host *unused, struct session *session,
	enum command request, const struct reply *reply)
{
	struct visitor *v =
		(struct visitor *)((char *)session -
				   offsetof(struct visitor, session));

	(void)unused;
	if (command_is_reply(request, reply->text, reply->length) &&
		reply->text[0] != reply_error[0])
		v->state = VISITOR_FREE;
}

static struct session_host host = {
	.draw = random_bytes,
	.is_allowed = is_allowed,
	.replied = replied,
};

void visitors_init(void)
{
	struct noise_identity *identity;

	if (crypto_init())
		errx(1, "no randomness");
	identity = key_identity_new();
	if (!identity)
		err(1, "a key");
	random_bytes(identity->secret, sizeof(identity->secret));
	noise_identity_finish(identity);
	host.identity = identity;
}

void visitor_start(struct visitor *v, int fd, enum exchange_id exchange)
{
	v->fd = fd;
	v->state = VISITOR_CONNECTS;
	v->exchange = exchange;
	v->kept = 0;
	memset(&v->session, 0, sizeof(v->session));
	memset(&v->handshake, 0, sizeof(v->handshake));
}

static bool send_all(struct visitor *v, const struct buffer *out)
{
	return !out->len || send(v->fd, out->bytes, out->len, MSG_NOSIGNAL) ==
				    (ssize_t)out->len;
}

static enum visitor_news greet(struct visitor *v)
{
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &error, &n) || error ||
		session_connect(
			&v->session, v->exchange, &v->handshake, &host, &out) ||
		!send_all(v, &out))
		return NEWS_FAILED;
	v->state = VISITOR_AGREES;
	return NEWS_NONE;
}

/* What has come, and what was kept of before. */
static enum visitor_news feed(struct visitor *v, size_t n)
{
	uint8_t in[SESSION_KEPT_MAX + BYTES_MAX], bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };
	enum visitor_state before = v->state;
	ssize_t used;

	memcpy(in, v->rest, n);
	used = session_feed(&v->session, &host, in, n, false, &out);
	if (used < 0 || !send_all(v, &out))
		return NEWS_FAILED;
	v->kept = n - (size_t)used;
	memcpy(v->rest, in + used, v->kept);
	if (before == VISITOR_AGREES && v->session.state == SESSION_OPEN) {
		v->state = VISITOR_FREE;
		return NEWS_OPEN;
	}
	return before == VISITOR_ASKS && v->state == VISITOR_FREE
		       ? NEWS_ANSWERED
		       : NEWS_NONE;
}

enum visitor_news visitor_turn(struct visitor *v)
{
	ssize_t n;

	if (v->state == VISITOR_CONNECTS)
		return greet(v);
	n = recv(v->fd, v->rest + v->kept, sizeof(v->rest) - v->kept, 0);
	if (n > 0)
		return feed(v, v->kept + (size_t)n);
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? NEWS_NONE
							    : NEWS_FAILED;
}

bool visitor_ask(struct visitor *v)
{
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	v->state = VISITOR_ASKS;
	return !session_send(&v->session, COMMAND_TIME, &out) &&
	       send_all(v, &out);
}

void visitor_leave(struct visitor *v)
{
	uint8_t bytes[BYTES_MAX];
	struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

	if (v->state >= VISITOR_FREE &&
		!session_send(&v->session, COMMAND_END, &out) &&
		!send_all(v, &out))
		v->state = VISITOR_AWAY; /* the server has gone first */
	close(v->fd);
	v->state = VISITOR_AWAY;
}
