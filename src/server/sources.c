// SPDX-License-Identifier: MIT
#include "server/sources.h"

#include <sodium.h>
#include <string.h>

#include "crypto/random.h"

enum { IPV4_BYTES = 4, SUBNET_BYTES = 8, SITE_BYTES = 6 };

_Static_assert((int)SOURCES_KEY_BYTES == crypto_shorthash_KEYBYTES, "one key");

void sources_open(struct sources *all, unsigned long limit, unsigned long spare)
{
	all->limit = limit;
	random_bytes(all->key, sizeof(all->key));
	/* With IPv6, two for each connection. */
	pool_init(&all->pool, sizeof(struct source), 2 * (limit + spare));
	pthread_mutex_init(&all->lock, NULL);
}

void sources_close(struct sources *all)
{
	pthread_mutex_destroy(&all->lock);
	pool_wipe(&all->pool);
	memset(all, 0, sizeof(*all));
}

static struct source **bucket_of(struct sources *all, const uint8_t *prefix)
{
	uint64_t hash;

	_Static_assert(sizeof(hash) == crypto_shorthash_BYTES, "all of it");
	crypto_shorthash((uint8_t *)&hash, prefix,
		sizeof((struct source){ 0 }.prefix), all->key);
	return &all->buckets[hash % SOURCES_BUCKETS];
}

/* The network that these bytes name; a new one if necessary, or NULL. */
static struct source *find(
	struct sources *all, const struct address *from, uint8_t bytes)
{
	uint8_t prefix[sizeof((struct source){ 0 }.prefix)] = { bytes };
	struct source **bucket, *s;

	memcpy(prefix + 1, from->ip, bytes);
	bucket = bucket_of(all, prefix);
	for (s = *bucket; s; s = s->next)
		if (!memcmp(s->prefix, prefix, sizeof(prefix)))
			return s;
	s = pool_take(&all->pool);
	if (!s)
		return NULL;
	memcpy(s->prefix, prefix, sizeof(prefix));
	s->next = *bucket;
	*bucket = s;
	return s;
}

static void forget(struct sources *all, struct source *s)
{
	struct source **link = bucket_of(all, s->prefix);

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	pool_give(&all->pool, s);
}

struct source *sources_enter(struct sources *all, const struct address *from)
{
	struct source *s;

	pthread_mutex_lock(&all->lock);
	s = find(all, from, from->is_ipv6 ? SUBNET_BYTES : IPV4_BYTES);
	if (s && !source_connections(s) && from->is_ipv6) {
		s->within = find(all, from, SITE_BYTES);
		if (!s->within) {
			forget(all, s);
			s = NULL;
		}
	}
	for (struct source *t = s; t; t = t->within)
		t->taken[PLACE_HALF_OPEN]++;
	pthread_mutex_unlock(&all->lock);
	return s;
}

void sources_open_session(struct source *source)
{
	for (struct source *t = source; t; t = t->within) {
		t->taken[PLACE_SESSION]++; /* first: it is never empty */
		t->taken[PLACE_HALF_OPEN]--;
	}
}

void sources_leave(struct sources *all, struct source *source, enum place place)
{
	pthread_mutex_lock(&all->lock);
	for (struct source *t = source, *within; t; t = within) {
		within = t->within;
		t->taken[place]--;
		if (!source_connections(t))
			forget(all, t);
	}
	pthread_mutex_unlock(&all->lock);
}

unsigned source_taken(const struct source *source, enum place place)
{
	unsigned most = 0;

	for (const struct source *t = source; t; t = t->within) {
		unsigned n = t->taken[place];

		if (n > most)
			most = n;
	}
	return most;
}

unsigned source_connections(const struct source *source)
{
	/* First: if its exchange ends meanwhile, it counts twice, not never. */
	unsigned half_open = source->taken[PLACE_HALF_OPEN];

	return half_open + source->taken[PLACE_SESSION];
}
