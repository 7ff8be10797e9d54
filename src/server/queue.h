// SPDX-License-Identifier: MIT
/*
 * The queue of connections that wait for a costly flight to be run. Flights
 * that end an exchange go before those that begin one. Within a class, sources
 * take turns, so one that sends a thousand flights delays only its own. Of one
 * source the oldest goes first, until it has waited so long that not all can be
 * served in time: then the newest does, which still has time. Knows no
 * connection and reads no clock. Used by a worker.
 */
#pragma once

#include <stdint.h>

#include "base/ring.h"
#include "net/address.h"

enum queue_class { QUEUE_LAST, QUEUE_FIRST, QUEUE_CLASSES };

/* Sources may share one of these by chance, which no source can predict. */
enum { QUEUE_BUCKETS = 256, QUEUE_KEY_BYTES = 16 };

struct queue_bucket {
	struct ring turn; /* in its class, while any wait */
	struct ring places;
};

/* Embedded in what waits. All zero: it does not wait. */
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

/*
 * Makes it empty. key: random bytes; old_ms: what has waited this long goes
 * last.
 */
void queue_init(struct queue *q, const uint8_t key[static QUEUE_KEY_BYTES],
	unsigned old_ms);

void queue_add(struct queue *q, struct queue_place *place,
	enum queue_class class, const struct address *source, uint64_t now_ms);

/* Removes it from the queue, if it waits. */
void queue_remove(struct queue_place *place);

static inline bool queue_holds(const struct queue_place *place)
{
	return place->bucket;
}

static inline bool queue_is_empty(const struct queue *q)
{
	return !q->waiting;
}

/* Removes and returns the next one; NULL if none waits. */
struct queue_place *queue_next(struct queue *q, uint64_t now_ms);
