// SPDX-License-Identifier: MIT
/*
 * Who waits for a costly flight to be run, and whose turn it is. Flights that
 * end an exchange go before those that begin one. Within a class sources take
 * turns, so that one that sends a thousand flights holds up its own; and of one
 * source the oldest is first, until it has waited so long that the queue will
 * outlast it: then the newest is, which still has time. Knows no connection
 * and reads no clock. Used by a worker.
 */
#pragma once

#include <stdint.h>

#include "base/ring.h"
#include "net/address.h"

enum queue_class { QUEUE_LAST, QUEUE_FIRST, QUEUE_CLASSES };

/* Sources share one of these by chance, which no source can know. */
enum { QUEUE_BUCKETS = 256, QUEUE_KEY_BYTES = 16 };

struct queue_bucket {
	struct ring turn; /* in its class, while there are any */
	struct ring places;
};

/* Embedded in what waits. All zero: it does not. */
struct queue_place {
	struct ring link;
	struct queue *queue;
	struct queue_bucket *bucket;
	uint64_t since_ms;
};

struct queue {
	uint8_t key[QUEUE_KEY_BYTES];
	unsigned old_ms;
	size_t waiting;
	struct ring turns[QUEUE_CLASSES];
	struct queue_bucket buckets[QUEUE_CLASSES][QUEUE_BUCKETS];
};

/* Empty. key: random bytes; old_ms: who has waited so long goes last. */
void queue_init(struct queue *q, const uint8_t key[static QUEUE_KEY_BYTES],
	unsigned old_ms);

void queue_add(struct queue *q, struct queue_place *place,
	enum queue_class class, const struct address *source, uint64_t now_ms);

/* It waits no more, if it did. */
void queue_remove(struct queue_place *place);

static inline bool queue_holds(const struct queue_place *place)
{
	return place->bucket;
}

static inline bool queue_is_empty(const struct queue *q)
{
	return !q->waiting;
}

/* Whose turn it is, who then waits no more; NULL when nobody waits. */
struct queue_place *queue_next(struct queue *q, uint64_t now_ms);
