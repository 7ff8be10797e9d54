// SPDX-License-Identifier: MIT
#include "server/deadline.h"

/* A span that no server lives to see the end of. */
static const uint64_t NEVER_MS = (uint64_t)1 << 62;

void deadlines_init(
	struct deadlines *all, const unsigned spans_ms[static DEADLINE_KINDS])
{
	all->next_ms = UINT64_MAX;
	for (size_t i = 0; i < DEADLINE_KINDS; i++) {
		struct deadline *queue = &all->queues[i];

		*queue = (struct deadline){ queue, queue, UINT64_MAX };
		all->spans_ms[i] = spans_ms[i] ? spans_ms[i] : NEVER_MS;
	}
}

void deadline_clear(struct deadline *d)
{
	if (!d->next)
		return;
	d->previous->next = d->next;
	d->next->previous = d->previous;
	d->next = d->previous = NULL;
}

void deadline_set(struct deadlines *all, struct deadline *d,
	enum deadline_kind kind, uint64_t now_ms)
{
	struct deadline *queue = &all->queues[kind];

	deadline_clear(d);
	d->due_ms = now_ms + all->spans_ms[kind];
	d->next = queue;
	d->previous = queue->previous;
	d->previous->next = d;
	queue->previous = d;
	/*
	 * Clearing a deadline does not raise it: one look in vain is cheaper
	 * than a look at every clearing.
	 */
	if (d->due_ms < all->next_ms)
		all->next_ms = d->due_ms;
}

struct deadline *deadlines_next(const struct deadlines *all,
	enum deadline_kind kind, const struct deadline *d)
{
	return d->next == &all->queues[kind] ? NULL : d->next;
}

struct deadline *deadlines_first(
	const struct deadlines *all, enum deadline_kind kind)
{
	return deadlines_next(all, kind, &all->queues[kind]);
}

struct deadline *deadlines_due(
	const struct deadlines *all, enum deadline_kind kind, uint64_t now_ms)
{
	/* The ring's head is never due, so an empty queue needs no check. */
	struct deadline *first = all->queues[kind].next;

	return first->due_ms <= now_ms ? first : NULL;
}

void deadlines_look_ahead(struct deadlines *all)
{
	all->next_ms = UINT64_MAX;
	for (size_t i = 0; i < DEADLINE_KINDS; i++)
		if (all->queues[i].next->due_ms < all->next_ms)
			all->next_ms = all->queues[i].next->due_ms;
}
