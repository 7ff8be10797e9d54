// SPDX-License-Identifier: MIT
#include "server/lifetime.h"

#include "crypto/key.h"
#include "net/socket.h"
#include "server/admission.h"
#include "server/arrival.h"

/* All that is lent is returned, and wiped. c: NULL if there was no memory. */
static void end(struct context *context, struct connection *c, int fd,
	const struct address *peer)
{
	peer_log_say(context->peer_log, PEER_ENDED, peer, NULL);
	counter_add(&context->counters, COUNT_CLOSED);
	if (c) {
		context->sources->admitted--;
		sources_leave(context->sources, c->source,
			c->arrival ? PLACE_HALF_OPEN : PLACE_SESSION);
		deadline_clear(&c->deadline);
		lent_return_arrival(&context->lent, &c->arrival);
		lent_return_rest(&context->lent, &c->rest);
		lent_return_unsent(&context->lent, &c->unsent);
		session_wipe(&c->session);
		pool_give(&context->connections, c);
	}
	socket_close(fd); /* last: its peer may come again at once */
}

static void set_kind(
	struct context *context, struct connection *c, enum deadline_kind kind)
{
	c->deadline_kind = (uint8_t)kind;
	deadline_set(&context->deadlines, &c->deadline, kind, context->now_ms);
}

/*
 * The server is full: another half-open connection ends; or this one is an
 * extra one, since an idle session could end once its flights are over.
 */
static bool find_place(
	struct context *context, struct connection *c, unsigned long excess)
{
	struct connection *other = admission_choose(context, PLACE_HALF_OPEN,
		source_taken(c->source, PLACE_HALF_OPEN));

	c->is_extra = !other || other->is_extra;
	if (other)
		lifetime_settle(context, other, turn_refused(COUNT_YIELDED));
	return other || admission_has_reserve(context, c->source, excess);
}

/* What comes of a new connection: it goes on, or is refused. */
static struct turn admit(struct context *context, struct connection *c)
{
	unsigned long most = (unsigned long)context->settings->max_per_source;
	unsigned long excess = sources_admit(context->sources);

	c->arrival = pool_take(&context->lent.arrivals);
	if (!c->arrival)
		return turn_refused(COUNT_FULL);
	c->arrival->connection = c;
	session_accept(&c->session, &c->arrival->handshake);
	c->source = sources_enter(context->sources, &c->peer);
	if (!c->source)
		return turn_refused(COUNT_FULL);
	if (most && source_connections(c->source) > most)
		return turn_refused(COUNT_CROWDED);
	if ((excess && !find_place(context, c, excess)) ||
		loop_add(context->loop, &c->watch, LOOP_READ))
		return turn_refused(COUNT_FULL);
	return turn_goes_on(false);
}

void lifetime_begin(struct context *context, int fd, const struct address *peer)
{
	struct connection *c = pool_take(&context->connections);
	struct turn turn = turn_refused(COUNT_FULL);

	peer_log_say(context->peer_log, PEER_RECEIVED, peer, NULL);
	if (c) {
		c->watch.fd = fd;
		c->peer = *peer;
		turn = admit(context, c);
	}
	if (turn.outcome == TURN_GOES_ON) {
		set_kind(context, c, DEADLINE_HANDSHAKE);
		return;
	}
	counter_add(&context->counters, turn.reason);
	peer_log_refuse(context->peer_log, turn.reason, peer, NULL);
	end(context, c, fd, peer);
}

/* An idle session ends after this wake, in which the loop may report it. */
static bool end_idle(struct context *context, unsigned own)
{
	struct connection *c = admission_choose(context, PLACE_SESSION, own);

	if (c)
		set_kind(context, c, DEADLINE_YIELD);
	return c;
}

/* Its flights are over: an extra connection now needs an idle one's place. */
static bool settle_in(struct context *context, struct connection *c)
{
	return !c->is_extra ||
	       context->sources->admitted <= context->sources->limit ||
	       end_idle(context, source_taken(c->source, PLACE_SESSION));
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
	/* It has asked first: it stays, and one of as large a source goes. */
	if (c->deadline_kind == DEADLINE_YIELD)
		end_idle(context, source_taken(c->source, PLACE_SESSION) - 1);
	/* All replies are sent, and nothing more will follow. */
	if (kind == DEADLINE_DRAIN && kind != c->deadline_kind)
		socket_finish(c->watch.fd);
	set_kind(context, c, kind);
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
		turn = turn_refused(COUNT_FULL);
	if (turn.outcome == TURN_GOES_ON && !c->arrival &&
		c->deadline_kind == DEADLINE_HANDSHAKE &&
		!settle_in(context, c))
		turn = turn_refused(COUNT_FULL);
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
