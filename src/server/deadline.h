// SPDX-License-Identifier: MIT
/*
 * Deadlines of many connections. There are few kinds and each has one span, so
 * a queue per kind is in order by itself: setting and clearing take the same
 * few steps, however many there are, and the earliest are at the heads. Knows
 * no connection and reads no clock. Used by a worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum deadline_kind {
	DEADLINE_HANDSHAKE, /* the flights; from accept, never extended */
	DEADLINE_IDLE,      /* since the last completed request */
	DEADLINE_REST,      /* the rest of a request; from the last byte */
	DEADLINE_STALLED,   /* replies that are not taken; from the first */
	DEADLINE_DRAIN,     /* the client's end of stream, after END */
	DEADLINE_YIELD,     /* its place is needed, unless it asks first */
	DEADLINE_KINDS,
};

/* Embedded in the connection. All zero: not set. */
struct deadline {
	struct deadline *previous, *next;
	uint64_t due_ms;
};

struct deadlines {
	struct deadline queues[DEADLINE_KINDS]; /* rings */
	uint64_t spans_ms[DEADLINE_KINDS];
	uint64_t next_ms; /* nothing is due before; UINT64_MAX: never */
};

/* spans_ms: 0 for a kind that is never due. */
void deadlines_init(
	struct deadlines *all, const unsigned spans_ms[static DEADLINE_KINDS]);

/* Sets it to one span from now, whatever it was before. */
void deadline_set(struct deadlines *all, struct deadline *d,
	enum deadline_kind kind, uint64_t now_ms);

/* Would setting it again to the same kind make a difference? */
static inline bool deadline_moves(const struct deadlines *all,
	const struct deadline *d, enum deadline_kind kind, uint64_t now_ms)
{
	return d->due_ms != now_ms + all->spans_ms[kind];
}

void deadline_clear(struct deadline *d);

/* The first of a kind that is due, or NULL. It stays set. */
struct deadline *deadlines_due(
	const struct deadlines *all, enum deadline_kind kind, uint64_t now_ms);

/* The oldest of a kind, due or not, or NULL. */
struct deadline *deadlines_first(
	const struct deadlines *all, enum deadline_kind kind);

/* The one after d, or NULL. */
struct deadline *deadlines_next(const struct deadlines *all,
	enum deadline_kind kind, const struct deadline *d);

/* Recalculates next_ms; call this once that has passed. */
void deadlines_look_ahead(struct deadlines *all);
