// SPDX-License-Identifier: MIT
#include "server/queue.h"

#include <sodium.h>
#include <string.h>

_Static_assert((int)QUEUE_KEY_BYTES == crypto_shorthash_KEYBYTES, "one key");

enum { PREFIX_BYTES = 8 }; /* of an IPv6 address: one network */

void queue_init(struct queue *q, const uint8_t key[static QUEUE_KEY_BYTES],
	unsigned old_ms)
{
	*q = (struct queue){ .old_ms = old_ms };
	memcpy(q->key, key, sizeof(q->key));
	for (int class = 0; class < QUEUE_CLASSES; class ++) {
		ring_init(&q->turns[class]);
		for (int i = 0; i < QUEUE_BUCKETS; i++)
			ring_init(&q->buckets[class][i].places);
	}
}

/* An IPv4 address is one source, and so is an IPv6 network of 64 bits. */
static unsigned bucket_of(const struct queue *q, const struct address *source)
{
	uint8_t prefix[PREFIX_BYTES + 1] = { source->is_ipv6 };
	uint8_t hash[crypto_shorthash_BYTES];

	memcpy(prefix + 1, source->ip, source->is_ipv6 ? PREFIX_BYTES : 4);
	crypto_shorthash(hash, prefix, sizeof(prefix), q->key);
	return hash[0] % QUEUE_BUCKETS;
}

void queue_add(struct queue *q, struct queue_place *place,
	enum queue_class class, const struct address *source, uint64_t now_ms)
{
	struct queue_bucket *b = &q->buckets[class][bucket_of(q, source)];

	place->queue = q;
	place->bucket = b;
	q->waiting++;
	place->since_ms = now_ms;
	ring_add(&b->places, &place->link);
	if (!ring_is_in(&b->turn))
		ring_add(&q->turns[class], &b->turn);
}

void queue_remove(struct queue_place *place)
{
	struct queue_bucket *b = place->bucket;

	if (!b)
		return;
	ring_remove(&place->link);
	place->bucket = NULL;
	place->queue->waiting--;
	if (!ring_first(&b->places))
		ring_remove(&b->turn);
}

struct queue_place *queue_next(struct queue *q, uint64_t now_ms)
{
	enum queue_class class =
		ring_first(&q->turns[QUEUE_LAST]) ? QUEUE_LAST : QUEUE_FIRST;
	struct queue_bucket *b =
		(struct queue_bucket *)ring_first(&q->turns[class]);
	struct queue_place *place;

	if (!b)
		return NULL;
	place = (struct queue_place *)ring_first(&b->places);
	if (now_ms - place->since_ms >= q->old_ms)
		place = (struct queue_place *)ring_last(&b->places);
	ring_add(&q->turns[class], &b->turn); /* the others first */
	queue_remove(place);
	return place;
}
