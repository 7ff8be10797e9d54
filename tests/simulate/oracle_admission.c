// SPDX-License-Identifier: MIT
/*
 * Who gives way: each choice of server/admission.c is made once more, by the
 * rules as they are documented.
 */
#include "network.h"
#include "oracle.h"
#include "server.h"
#include "server/admission.h"
#include "thread.h"
#include "world.h"

/* That file's own: there the name is another, see tests/meson.build. */
struct connection *admission_choose_really(
	struct context *context, enum place place, unsigned own);

enum { EQUAL_MS = 1000, IDLE_MS = 60000, CROWD = 16 };

static bool may_give_way(const struct context *context,
	const struct connection *c, enum place place, unsigned own)
{
	unsigned n = source_taken(c->source, place);
	uint64_t age_ms =
		context->now_ms -
		(c->deadline.due_ms -
			context->deadlines.spans_ms[c->deadline_kind]);

	if (!n)
		return false;
	if (place == PLACE_HALF_OPEN)
		return n > own || (n == own && age_ms >= EQUAL_MS);
	return n > own && age_ms >= IDLE_MS;
}

/* The most places that the source of one that may give way has; 0: none. */
static unsigned most_of(
	const struct context *context, enum place place, unsigned own)
{
	const struct deadlines *all = &context->deadlines;
	enum deadline_kind kind =
		place == PLACE_HALF_OPEN ? DEADLINE_HANDSHAKE : DEADLINE_IDLE;
	struct deadline *d = deadlines_first(all, kind);
	unsigned most = 0;

	for (; d; d = deadlines_next(all, kind, d)) {
		const struct connection *c = connection_of(d);
		unsigned n = source_taken(c->source, place);

		if (may_give_way(context, c, place, own) && n > most)
			most = n;
	}
	return most;
}

/* Of sessions: the one that needs a place is the one that was read last. */
static void check_own(enum place place, unsigned own)
{
	const struct connection *c;
	unsigned n;

	if (place != PLACE_SESSION || thread_now->link < 0)
		return;
	c = links[thread_now->link].trace.connection;
	if (!c || !c->source)
		return;
	n = source_taken(c->source, PLACE_SESSION);
	HOLDS(own == n || own + 1 == n,
		"a place is taken for a source with %u as if it had %u", n,
		own);
}

/* The session that was to yield has asked first, and no other yields. */
static void note_stay(void)
{
	const struct connection *c =
		thread_now->link < 0 ? NULL
				     : links[thread_now->link].trace.connection;

	server.may_exceed |= c && c->deadline_kind == DEADLINE_YIELD;
}

struct connection *admission_choose(
	struct context *context, enum place place, unsigned own)
{
	struct connection *chosen =
		admission_choose_really(context, place, own);
	unsigned most = most_of(context, place, own), n;

	check_own(place, own);
	HOLDS(!chosen == !most, "%s",
		chosen ? "one gives way that need not"
		       : "none gives way, but one could");
	if (!chosen && place == PLACE_SESSION)
		note_stay();
	if (!chosen)
		return NULL;
	n = source_taken(chosen->source, place);
	HOLDS(may_give_way(context, chosen, place, own),
		"one of a source with %u gives way to one with %u", n, own);
	HOLDS(n == most || n > CROWD,
		"one of a source with %u gives way, not of that with %u", n,
		most);
	if (place == PLACE_HALF_OPEN)
		thread_now->choice = (struct choice){ world.steps, own };
	return chosen;
}
