// SPDX-License-Identifier: MIT
#include "server/connection.h"

#include <errno.h>
#include <string.h>

#include "crypto/key.h"
#include "net/socket.h"

COLD struct turn connection_hung_up(const struct connection *c)
{
	return c->arrival ? turn_refused(COUNT_LEFT) : turn_over();
}

static enum counter reason_of(ssize_t error)
{
	switch (error) {
	case -EACCES:
		return COUNT_UNLISTED;
	case -EPROTONOSUPPORT:
		return COUNT_UNSERVED;
	default:
		return COUNT_BROKEN;
	}
}

/* The flights are over. */
static void opened(struct context *context, struct connection *c)
{
	const uint8_t *key = session_peer(&c->session);
	const char *name = key && context->authorized
				   ? authorized_find(context->authorized, key)
				   : NULL;
	char text[KEY_TEXT_BYTES];

	if (name) {
		/* Its key is its source, whatever address it shares. */
		sources_leave(context->sources, c->source, PLACE_HALF_OPEN);
		c->source = NULL;
	}
	sources_open_session(c->source);
	lent_return_arrival(&context->lent, &c->arrival);
	if (key)
		peer_log_say(context->peer_log, PEER_SECURE, &c->peer,
			name && *name ? name : key_format(key, text));
}

/*
 * Sends all of it in one call, so that a peer that takes a receive for a
 * message gets it whole; what the peer does not take now is kept. sent: the
 * result of that call, a count or an error.
 */
static COLD struct turn keep_unsent(struct context *context,
	struct connection *c, const struct buffer *out, ssize_t sent)
{
	size_t taken = sent > 0 ? (size_t)sent : 0;

	if (sent < 0 && sent != -EAGAIN)
		return connection_hung_up(c);
	if (!lent_keep_unsent(&context->lent, &c->unsent, out->bytes + taken,
		    out->len - taken))
		return turn_refused(COUNT_FULL);
	return turn_goes_on(true);
}

/* After session_feed(), which took used of n bytes of context->in. */
static COLD struct turn fed(struct context *context, struct connection *c,
	size_t n, ssize_t used, const struct buffer *out)
{
	ssize_t sent;

	if (used < 0)
		return turn_refused(reason_of(used));
	if (!lent_keep_rest(&context->lent, &c->rest, context->in + used,
		    n - (size_t)used))
		return turn_refused(COUNT_FULL);
	sent = out->len ? socket_send(c->watch.fd, out->bytes, out->len) : 0;
	if (sent != (ssize_t)out->len) {
		struct turn turn = keep_unsent(context, c, out, sent);

		if (turn.outcome != TURN_GOES_ON)
			return turn;
	}
	return turn_goes_on(used > 0 || c->deadline_kind == DEADLINE_REST);
}

COLD struct turn connection_feed(
	struct context *context, struct connection *c, size_t n, bool late)
{
	struct buffer out = { context->out, 0, sizeof(context->out) };
	ssize_t used = session_feed(
		&c->session, &context->host, context->in, n, late, &out);

	if (c->arrival && used >= 0 && session_handshake_over(&c->session))
		opened(context, c);
	return fed(context, c, n, used, &out);
}

/* Copies what is kept to where the next bytes are read; returns its length. */
static size_t take_rest(struct context *context, const struct connection *c)
{
	if (!c->rest)
		return 0;
	memcpy(context->in, c->rest->bytes, c->rest->length);
	return c->rest->length;
}

/*
 * The peer will send no more. What it left is now complete; the replies that
 * are due are sent, and after that the end is read once more.
 */
static COLD struct turn end_of_stream(
	struct context *context, struct connection *c)
{
	size_t n = take_rest(context, c);

	if (n) {
		struct turn turn = connection_feed(context, c, n, true);

		if (turn.outcome != TURN_GOES_ON)
			return turn;
	}
	if (c->rest && c->session.state == SESSION_OPEN)
		return turn_refused(COUNT_BROKEN); /* within a frame */
	if (!c->unsent)
		return turn_over();
	session_end(&c->session);
	return turn_goes_on(false);
}

/* Nothing was read: finds out why. */
static COLD struct turn not_received(
	struct context *context, struct connection *c, ssize_t error)
{
	if (error == 0)
		return end_of_stream(context, c);
	return error == -EAGAIN ? turn_quiet() : connection_hung_up(c);
}

static struct turn receive(struct context *context, struct connection *c)
{
	size_t kept = take_rest(context, c);
	ssize_t n = socket_receive(c->watch.fd, context->in + kept, READ_BYTES);

	return n > 0 ? connection_feed(context, c, kept + (size_t)n, false)
		     : not_received(context, c, n);
}

static struct turn send_unsent(struct context *context, struct connection *c)
{
	struct unsent *u = c->unsent;
	ssize_t sent = socket_send(
		c->watch.fd, u->bytes + u->sent, (size_t)(u->length - u->sent));

	if (sent == -EAGAIN)
		return turn_quiet();
	if (sent < 0)
		return connection_hung_up(c);
	u->sent += (uint16_t)sent;
	if (u->sent < u->length)
		return turn_quiet();
	lent_return_unsent(&context->lent, &c->unsent);
	return turn_goes_on(false);
}

/* Nothing more is read while there are unsent replies. */
static COLD struct turn ready_midway(
	struct context *context, struct connection *c)
{
	return c->unsent ? send_unsent(context, c) : receive(context, c);
}

/*
 * This is the path of every request, so it is direct: with nothing pending (the
 * idle deadline runs, nothing is kept), requests that are taken whole leave
 * only their replies and that deadline. Everything else goes through fed().
 */
struct turn connection_ready(struct context *context, struct connection *c)
{
	struct buffer out = { context->out, 0, sizeof(context->out) };
	ssize_t n, used, sent;

	if (c->deadline_kind != DEADLINE_IDLE || c->rest)
		return ready_midway(context, c);
	n = socket_receive(c->watch.fd, context->in, READ_BYTES);
	if (n <= 0)
		return not_received(context, c, n);
	used = session_feed(&c->session, &context->host, context->in, (size_t)n,
		false, &out);
	if (used != n || c->session.state != SESSION_OPEN)
		return fed(context, c, (size_t)n, used, &out);
	sent = socket_send(c->watch.fd, out.bytes, out.len);
	if (sent != (ssize_t)out.len)
		return keep_unsent(context, c, &out, sent);
	if (deadline_moves(&context->deadlines, &c->deadline, DEADLINE_IDLE,
		    context->now_ms))
		return turn_goes_on(true);
	return turn_quiet();
}

struct turn connection_due(
	struct context *context, struct connection *c, enum deadline_kind kind)
{
	switch (kind) {
	case DEADLINE_HANDSHAKE:
		return turn_refused(COUNT_HANDSHAKE);
	case DEADLINE_IDLE:
		return turn_refused(COUNT_IDLE);
	case DEADLINE_STALLED:
		return turn_refused(COUNT_STALLED);
	case DEADLINE_YIELD:
		return turn_refused(COUNT_YIELDED);
	case DEADLINE_REST:
		return connection_feed(context, c, take_rest(context, c), true);
	case DEADLINE_DRAIN:
	case DEADLINE_KINDS:
		break;
	}
	return turn_over();
}

struct turn connection_recheck(struct context *context, struct connection *c)
{
	const uint8_t *key = session_peer(&c->session);

	if (key && !context->host.is_allowed(&context->host, &c->session, key))
		return turn_refused(COUNT_UNLISTED);
	return turn_quiet();
}

struct turn connection_stop(struct context *context, struct connection *c)
{
	if (c->arrival)
		return turn_over();
	if (c->session.state == SESSION_ENDED)
		return turn_quiet();
	if (!c->unsent) {
		size_t kept = take_rest(context, c);
		ssize_t n = socket_receive(
			c->watch.fd, context->in + kept, READ_BYTES);
		struct turn turn = n > 0 ? connection_feed(context, c,
						   kept + (size_t)n, false)
					 : turn_goes_on(false);

		if (turn.outcome != TURN_GOES_ON)
			return turn;
	}
	session_end(&c->session);
	return turn_goes_on(false);
}

struct turn connection_abandon(struct context *context, struct connection *c)
{
	(void)context;
	(void)c;
	return turn_over();
}
