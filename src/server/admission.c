// SPDX-License-Identifier: MIT
#include "server/admission.h"

enum {
	RESERVE_SHARE = 16,
	RESERVE_MAX = 256,
	/* So that a choice takes no longer than a key exchange … */
	LOOKED_AT = 1024,
	/* … except now and then, if that does not go far enough. */
	LOOKED_FAR = 65536,
	FAR_APART_MS = 100,
	/* A source with more than this many, and more than this share of all
	 * places, is enough: no others are looked at. */
	CROWD_LEAST = 16,
	CROWD_SHARE = 64,
};

/*
 * After how long it gives way to a source that has fewer places, or as many. (A
 * key exchange takes less than a second, unless the peer delays it.)
 */
static const struct {
	enum deadline_kind deadline;
	uint64_t to_fewer_ms, to_equal_ms;
} rows[PLACES] = {
	[PLACE_HALF_OPEN] = { DEADLINE_HANDSHAKE, 0, 1000 },
	[PLACE_SESSION] = { DEADLINE_IDLE, 60000, UINT64_MAX },
};

static unsigned long reserve(unsigned long limit)
{
	unsigned long share = limit / RESERVE_SHARE;

	return share > RESERVE_MAX ? RESERVE_MAX : share ? share : 1;
}

unsigned long admission_most(unsigned long limit)
{
	return limit + 2 * reserve(limit);
}

struct connection *admission_choose(
	struct context *context, enum place place, unsigned own)
{
	const struct deadlines *all = &context->deadlines;
	enum deadline_kind kind = rows[place].deadline;
	struct deadline *d = deadlines_first(all, kind);
	unsigned most = 0;
	unsigned long crowd =
		CROWD_LEAST + context->sources->limit / CROWD_SHARE;
	bool may_go_far = context->now_ms >= context->next_far_ms;
	struct connection *chosen = NULL;

	for (int i = 0; d && most <= crowd; i++) {
		struct connection *c = connection_of(d);
		unsigned n = source_taken(c->source, place);
		uint64_t age_ms =
			context->now_ms - (d->due_ms - all->spans_ms[kind]);

		if (age_ms < rows[place].to_fewer_ms)
			break; /* the others are younger */
		if (i == (may_go_far ? LOOKED_FAR : LOOKED_AT))
			break;
		if (i == LOOKED_AT)
			context->next_far_ms = context->now_ms + FAR_APART_MS;
		if (n > most &&
			(n > own ||
				(n == own &&
					age_ms >= rows[place].to_equal_ms))) {
			most = n;
			chosen = c;
		}
		d = deadlines_next(all, kind, d);
	}
	return chosen;
}

bool admission_has_reserve(struct context *context,
	const struct source *newcomer, unsigned long excess)
{
	return excess <= reserve(context->sources->limit) &&
	       admission_choose(context, PLACE_SESSION,
		       1 + source_taken(newcomer, PLACE_SESSION));
}
