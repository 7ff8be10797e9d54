// SPDX-License-Identifier: MIT
#include "server/lifetime.h"

#include "crypto/key.h"
#include "net/socket.h"
#include "server/arrival.h"

/* Everything lent is returned and wiped; the pool wipes the connection. */
static void end(struct context *context, struct connection *c, int fd,
	const struct address *peer)
{
	peer_log_say(context->peer_log, PEER_ENDED, peer, NULL);
	counter_add(&context->counters, COUNT_CLOSED);
	socket_close(fd);
	if (!c)
		return;
	deadline_clear(&c->deadline);
	lent_return_arrival(&context->lent, &c->arrival);
	lent_return_rest(&context->lent, &c->rest);
	lent_return_unsent(&context->lent, &c->unsent);
	session_wipe(&c->session);
	pool_give(&context->connections, c);
}

void lifetime_begin(struct context *context, int fd, const struct address *peer)
{
	struct connection *c = pool_take(&context->connections);
	struct arrival *arrival = c ? pool_take(&context->lent.arrivals) : NULL;

	peer_log_say(context->peer_log, PEER_RECEIVED, peer, NULL);
	if (arrival) {
		arrival->connection = c;
		c->watch.fd = fd;
		c->peer = *peer;
		c->arrival = arrival;
		session_accept(&c->session, &arrival->handshake);
	}
	if (!arrival || loop_add(context->loop, &c->watch, LOOP_READ)) {
		counter_add(&context->counters, COUNT_FULL);
		end(context, c, fd, peer);
		return;
	}
	c->deadline_kind = DEADLINE_HANDSHAKE;
	deadline_set(&context->deadlines, &c->deadline, DEADLINE_HANDSHAKE,
		context->now_ms);
}

/* What to wait for follows from its state alone. */
static unsigned readiness_wanted(const struct connection *c)
{
	if (c->unsent)
		return LOOP_WRITE;
	return c->arrival && !arrival_has_room(c->arrival) ? 0 : LOOP_READ;
}

/* The deadline that its state requires. */
static enum deadline_kind deadline_wanted(const struct connection *c)
{
	if (c->arrival)
		return DEADLINE_HANDSHAKE;
	if (c->unsent)
		return DEADLINE_STALLED;
	if (c->session.state == SESSION_ENDED)
		return DEADLINE_DRAIN;
	if (c->rest && session_patience(&c->session))
		return DEADLINE_REST;
	return DEADLINE_IDLE;
}

/* Progress restarts the idle deadline, and that for the rest of a request. */
static void set_deadline(
	struct context *context, struct connection *c, bool has_progressed)
{
	enum deadline_kind kind = deadline_wanted(c);
	bool starts_anew = has_progressed &&
			   (kind == DEADLINE_IDLE || kind == DEADLINE_REST) &&
			   deadline_moves(&context->deadlines, &c->deadline,
				   kind, context->now_ms);

	if (kind == c->deadline_kind && !starts_anew)
		return;
	/*
	 * All replies are sent: tells the client that nothing more will follow.
	 */
	if (kind == DEADLINE_DRAIN && kind != c->deadline_kind)
		socket_finish(c->watch.fd);
	c->deadline_kind = (uint8_t)kind;
	deadline_set(&context->deadlines, &c->deadline, kind, context->now_ms);
}

static void refuse(
	struct context *context, struct connection *c, enum counter reason)
{
	const uint8_t *key = session_peer(&c->session);
	char text[KEY_TEXT_BYTES];

	counter_add(&context->counters, reason);
	if (reason == COUNT_IDLE)
		return;
	peer_log_refuse(context->peer_log, reason, &c->peer,
		key ? key_format(key, text) : NULL);
	/*
	 * "Every failure resets the connection." And the kernel must not keep
	 * data that a peer does not take.
	 */
	if (session_exchange(&c->session)->resets_on_failure || c->unsent)
		socket_drop_unsent(c->watch.fd);
}

COLD void lifetime_settle(
	struct context *context, struct connection *c, struct turn turn)
{
	if (turn.outcome == TURN_GOES_ON &&
		loop_change(context->loop, &c->watch, readiness_wanted(c)))
		turn = (struct turn){ TURN_REFUSED, .reason = COUNT_FULL };
	switch (turn.outcome) {
	case TURN_QUIET:
		return;
	case TURN_GOES_ON:
		set_deadline(context, c, turn.has_progressed);
		return;
	case TURN_REFUSED:
		refuse(context, c, turn.reason);
		break;
	case TURN_OVER:
		break;
	}
	loop_remove(context->loop, &c->watch);
	end(context, c, c->watch.fd, &c->peer);
}

static struct connection *connection_of(struct deadline *d)
{
	return (struct connection *)((char *)d -
				     offsetof(struct connection, deadline));
}

void lifetime_expire(struct context *context)
{
	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *d;

		while ((d = deadlines_due(
				&context->deadlines, kind, context->now_ms))) {
			struct connection *c = connection_of(d);

			lifetime_settle(
				context, c, connection_due(context, c, kind));
		}
	}
}

void lifetime_each(struct context *context,
	struct turn (*take)(struct context *context, struct connection *c))
{
	const struct deadlines *all = &context->deadlines;

	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *d = deadlines_first(all, kind);

		while (d) {
			struct deadline *next = deadlines_next(all, kind, d);
			struct connection *c = connection_of(d);

			lifetime_settle(context, c, take(context, c));
			d = next;
		}
	}
}
