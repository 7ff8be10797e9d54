// SPDX-License-Identifier: MIT
#include "server/connection.h"

#include <errno.h>

#include "net/socket.h"
#include "server/ending.h"
#include "server/lent.h"

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

void connection_open(struct worker *w, int fd, const struct address *peer)
{
	struct connection *c = pool_take(&w->connections);
	struct handshake *handshake = pool_take(&w->handshakes);

	ending_say(w, MARK_TALK, "Connection received from", peer);
	if (!c || !handshake)
		goto full;
	c->watch.fd = fd;
	c->peer = *peer;
	session_accept(&c->session, handshake);
	if (loop_add(w->loop, &c->watch, LOOP_READ))
		goto full;
	c->deadline_kind = DEADLINE_HANDSHAKE;
	deadline_set(
		&w->deadlines, &c->deadline, DEADLINE_HANDSHAKE, w->now_ms);
	return;
full:
	ending_say(w, MARK_NOTICE, "Connection ended with", peer);
	pool_give(&w->connections, c);
	pool_give(&w->handshakes, handshake);
	count(&w->counters, COUNT_FULL);
	count(&w->counters, COUNT_CLOSED);
	socket_close(fd);
}

/* Which deadline does its state call for? */
static enum deadline_kind deadline_wanted(const struct connection *c)
{
	if (!session_handshake_over(&c->session))
		return DEADLINE_HANDSHAKE;
	if (c->unsent)
		return DEADLINE_STALLED;
	if (c->session.state == SESSION_ENDED)
		return DEADLINE_DRAIN;
	if (c->rest && session_patience(&c->session))
		return DEADLINE_REST;
	return DEADLINE_IDLE;
}

/*
 * After anything has happened: what the loop is to look for and when the next
 * deadline is follow from the state alone. progress: a request was completed,
 * or bytes came for one that is still incomplete. False when that was the end.
 */
static COLD bool settle(struct worker *w, struct connection *c, bool progress)
{
	enum deadline_kind kind = deadline_wanted(c);

	if (loop_change(
		    w->loop, &c->watch, c->unsent ? LOOP_WRITE : LOOP_READ)) {
		ending_refuse(w, c, COUNT_FULL);
		return false;
	}
	if (kind == c->deadline_kind &&
		!(progress &&
			(kind == DEADLINE_IDLE || kind == DEADLINE_REST) &&
			deadline_moves(
				&w->deadlines, &c->deadline, kind, w->now_ms)))
		return true;
	/* Everything owed is sent: the client learns that no more comes. */
	if (kind == DEADLINE_DRAIN && kind != c->deadline_kind)
		socket_finish(c->watch.fd);
	c->deadline_kind = (uint8_t)kind;
	deadline_set(&w->deadlines, &c->deadline, kind, w->now_ms);
	return true;
}

/*
 * In one call, so that who takes a receive for a message gets it whole; what
 * the peer does not take now is kept. 0 or a negative error.
 */
static ALWAYS_INLINE int deliver(
	struct worker *w, struct connection *c, const struct buffer *out)
{
	ssize_t sent = socket_send(c->watch.fd, out->bytes, out->len);

	return sent == (ssize_t)out->len ? 0
					 : lent_keep_unsent(w, c, out, sent);
}

/* The flights are over. */
static void opened(struct worker *w, struct connection *c)
{
	const uint8_t *key = session_peer(&c->session);
	const char *name = key && w->authorized
				   ? authorized_find(w->authorized, key)
				   : NULL;
	char text[KEY_TEXT_BYTES], address[ADDRESS_TEXT_BYTES];

	pool_give(&w->handshakes, c->session.handshake);
	c->session.handshake = NULL;
	if (key && !w->settings->quiet)
		log_line(w->log, MARK_DONE, "Secure session with %s: %s",
			address_format(&c->peer, address),
			name && *name ? name : key_format(key, text));
}

/* Before the session was open: used as session_feed() says. */
static COLD void flight_taken(
	struct worker *w, struct connection *c, ssize_t used)
{
	if (used && session_exchange(&c->session)->is_costly)
		w->has_run_flight = true;
	if (used >= 0 && session_handshake_over(&c->session))
		opened(w, c);
}

/* After session_feed(), which took used of n bytes: false at the end. */
static COLD bool fed(struct worker *w, struct connection *c, size_t n,
	ssize_t used, const struct buffer *out)
{
	if (c->deadline_kind == DEADLINE_HANDSHAKE)
		flight_taken(w, c, used);
	if (used < 0) {
		ending_refuse(w, c, reason_of(used));
		return false;
	}
	if (!lent_keep_rest(w, c, w->in + used, n - (size_t)used)) {
		ending_refuse(w, c, COUNT_FULL);
		return false;
	}
	if (out->len && deliver(w, c, out)) {
		ending_hung_up(w, c);
		return false;
	}
	return settle(w, c, used > 0 || c->deadline_kind == DEADLINE_REST);
}

/* Feeds n bytes of w->in to the session; false when that was its end. */
static COLD bool feed(
	struct worker *w, struct connection *c, size_t n, bool late)
{
	struct buffer out = { .bytes = w->out, .size = sizeof(w->out) };
	ssize_t used =
		session_feed(&c->session, &w->host, w->in, n, late, &out);

	return fed(w, c, n, used, &out);
}

/*
 * The peer will send no more. What it left is as whole as it will get; what is
 * owed for it is sent, and when that is done the end is read once more.
 */
static COLD void end_of_stream(struct worker *w, struct connection *c)
{
	size_t n = lent_take_rest(w, c);

	if (!session_handshake_over(&c->session)) {
		ending_hung_up(w, c);
		return;
	}
	if (n && !feed(w, c, n, true))
		return;
	if (c->rest && c->session.state == SESSION_OPEN) {
		ending_refuse(w, c, COUNT_BROKEN); /* within a frame */
		return;
	}
	if (!c->unsent) {
		connection_close(w, c);
		return;
	}
	session_end(&c->session);
	settle(w, c, false);
}

/* Nothing was read: why not? */
static COLD void not_received(
	struct worker *w, struct connection *c, ssize_t error)
{
	if (error == 0)
		end_of_stream(w, c);
	else if (error != -EAGAIN)
		ending_hung_up(w, c);
}

static void receive(struct worker *w, struct connection *c)
{
	size_t kept = lent_take_rest(w, c);
	ssize_t n = socket_receive(c->watch.fd, w->in + kept, READ_BYTES);

	if (n > 0)
		feed(w, c, kept + (size_t)n, false);
	else
		not_received(w, c, n);
}

static COLD void send_unsent(struct worker *w, struct connection *c)
{
	struct unsent *u = c->unsent;
	ssize_t sent = socket_send(
		c->watch.fd, u->bytes + u->sent, (size_t)(u->length - u->sent));

	if (sent == -EAGAIN)
		return;
	if (sent < 0) {
		ending_hung_up(w, c);
		return;
	}
	u->sent += (uint16_t)sent;
	if (u->sent < u->length)
		return;
	pool_give(&w->unsents, u);
	c->unsent = NULL;
	settle(w, c, false);
}

/* While replies are unsent, nothing more is read. */
static COLD void ready_midway(struct worker *w, struct connection *c)
{
	if (c->unsent)
		send_unsent(w, c);
	else
		receive(w, c);
}

/*
 * This is every request's way, so it is walked without a detour: with nothing
 * under way (the idle deadline runs, no rest is kept), requests that are taken
 * whole leave only their replies and that deadline. All else goes by fed().
 */
void connection_ready(struct worker *w, struct connection *c)
{
	struct buffer out = { .bytes = w->out, .size = sizeof(w->out) };
	ssize_t n, used;

	if (c->deadline_kind != DEADLINE_IDLE || c->rest) {
		ready_midway(w, c);
		return;
	}
	n = socket_receive(c->watch.fd, w->in, READ_BYTES);
	if (n <= 0) {
		not_received(w, c, n);
		return;
	}
	used = session_feed(
		&c->session, &w->host, w->in, (size_t)n, false, &out);
	if (used != n || c->session.state != SESSION_OPEN)
		fed(w, c, (size_t)n, used, &out);
	else if (deliver(w, c, &out))
		ending_hung_up(w, c);
	else if (c->unsent || deadline_moves(&w->deadlines, &c->deadline,
				      DEADLINE_IDLE, w->now_ms))
		settle(w, c, true);
}

void connection_due(
	struct worker *w, struct connection *c, enum deadline_kind kind)
{
	switch (kind) {
	case DEADLINE_HANDSHAKE:
		ending_refuse(w, c, COUNT_HANDSHAKE);
		break;
	case DEADLINE_IDLE:
		ending_refuse(w, c, COUNT_IDLE);
		break;
	case DEADLINE_STALLED:
		ending_refuse(w, c, COUNT_STALLED);
		break;
	case DEADLINE_REST:
		feed(w, c, lent_take_rest(w, c), true);
		break;
	case DEADLINE_DRAIN:
	case DEADLINE_KINDS:
		connection_close(w, c);
		break;
	}
}

void connection_recheck(struct worker *w, struct connection *c)
{
	const uint8_t *key = session_peer(&c->session);

	if (key && !w->host.is_allowed(&w->host, &c->session, key))
		ending_refuse(w, c, COUNT_UNLISTED);
}

void connection_stop(struct worker *w, struct connection *c)
{
	ssize_t n;

	if (!session_handshake_over(&c->session)) {
		connection_close(w, c);
		return;
	}
	if (c->session.state == SESSION_ENDED)
		return;
	if (!c->unsent) {
		size_t kept = lent_take_rest(w, c);

		n = socket_receive(c->watch.fd, w->in + kept, READ_BYTES);
		if (n > 0 && !feed(w, c, kept + (size_t)n, false))
			return;
	}
	session_end(&c->session);
	settle(w, c, false);
}
