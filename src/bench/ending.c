// SPDX-License-Identifier: MIT
#include "bench/ending.h"

#include <sodium.h>
#include <string.h>

#include "net/socket.h"

/* Its requests are no longer in flight. */
static void forget_asked(
	struct context *x, struct connection *c, enum tally_count as)
{
	x->under_way -= c->count;
	for (; c->count; c->count--, c->first++)
		score_lost(&x->score, context_oldest(c)->due_ns, as);
}

/*
 * An open session is left with END whatever the reason, since a client that
 * just vanishes costs the original a worker. Anything else is reset.
 */
static void end_session(struct context *x, struct connection *c)
{
	struct buffer out = { .bytes = x->out, .size = sizeof(x->out) };

	if (c->session.state == SESSION_ENDED)
		return;
	if (session_send(&c->session, COMMAND_END, &out) ||
		socket_send(c->watch.fd, out.bytes, out.len) !=
			(ssize_t)out.len)
		socket_drop_unsent(c->watch.fd);
}

static void close_it(struct context *x, struct connection *c)
{
	ring_remove(&c->silent);
	loop_remove(x->loop, &c->watch);
	end_session(x, c);
	socket_close(c->watch.fd);
	session_wipe(&c->session);
	sodium_memzero(&c->handshake, sizeof(c->handshake));
	c->kept = 0;
	context_pass(x, c, STAGE_NONE, c->begun_ns);
}

enum outcome ending_fail(
	struct context *x, struct connection *c, enum tally_count reason)
{
	tally_count(&x->score.tally, reason, 1);
	forget_asked(x, c, TALLY_MISSING);
	close_it(x, c);
	return OUTCOME_FAILED;
}

enum outcome ending_leave(struct context *x, struct connection *c)
{
	if (context_shakes_hands(x))
		score_session(
			&x->score, c->tried_ns, c->exchange_ns, c->begun_ns);
	close_it(x, c);
	return OUTCOME_CLOSED;
}

void ending_drop(struct context *x, struct connection *c)
{
	if (c->stage == STAGE_NONE)
		return;
	if (context_shakes_hands(x))
		score_lost(&x->score, c->tried_ns, TALLY_CUT_SHORT);
	forget_asked(x, c, TALLY_CUT_SHORT);
	close_it(x, c);
}
