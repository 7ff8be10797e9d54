// SPDX-License-Identifier: MIT
/*
 * Where connections come from, and how many from each place: one table for the
 * whole server. A source is an IPv4 address or an IPv6 network of 64 bits; the
 * networks of 48 bits that contain the latter are counted as well. Knows no
 * connection. Used by the workers, each in its own thread.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/pool.h"
#include "net/address.h"

enum { SOURCES_KEY_BYTES = 16, SOURCES_BUCKETS = 1 << 14 };

enum place { PLACE_HALF_OPEN, PLACE_SESSION, PLACES };

/* Shared by the connections that come from there. */
struct source {
	struct source *next;   /* in its bucket */
	struct source *within; /* of IPv6, the larger network; else NULL */
	uint8_t prefix[9];     /* the number of bytes, and these */
	atomic_uint taken[PLACES];
};

struct sources {
	pthread_mutex_t lock;
	uint8_t key[SOURCES_KEY_BYTES];
	unsigned long limit;   /* of connections */
	atomic_ulong admitted; /* connections, some of them above the limit */
	struct pool pool;
	struct source *buckets[SOURCES_BUCKETS];
};

/* Connections: at most limit, and up to spare more for a while. */
void sources_open(
	struct sources *all, unsigned long limit, unsigned long spare);
void sources_close(struct sources *all);

/*
 * A half-open connection has come from there. Returns its source; NULL if
 * memory runs out.
 */
MUST_CHECK struct source *sources_enter(
	struct sources *all, const struct address *from);

/* The key exchange of one of them is over. */
void sources_open_session(struct source *source);

/* One of them no longer counts. source may be NULL. */
void sources_leave(
	struct sources *all, struct source *source, enum place place);

/* The places taken from there, or from the larger network if that has more. */
unsigned source_taken(const struct source *source, enum place place);

/* All the places taken from there. */
unsigned source_connections(const struct source *source);

/*
 * Admits one more: returns how many there are above the limit. Of several that
 * come at once, only those that exceed it are told so.
 */
static inline unsigned long sources_admit(struct sources *all)
{
	unsigned long n = ++all->admitted;

	return n > all->limit ? n - all->limit : 0;
}
