// SPDX-License-Identifier: MIT
/*
 * Objects of one size, lent and returned, up to a limit. Memory is requested
 * from the system one slab at a time, so lending costs a few instructions and
 * an object costs its size. Returned objects are wiped, and a slab without lent
 * objects is returned to the system. Knows nothing of what the objects are. A
 * pool must be used by one thread at a time.
 */
#pragma once

#include <stddef.h>

#include "base/attributes.h"
#include "base/ring.h"

struct pool {
	size_t size;  /* bytes of one object */
	size_t limit; /* objects lent at the same time */
	size_t lent;
	size_t slab_bytes;
	struct ring slabs; /* those with free objects first: see pool.c */
};

/*
 * The size of an object is rounded up to a multiple of 8. Objects are aligned
 * for any type of their size, on 32-bit systems too.
 */
void pool_init(struct pool *p, size_t size, size_t limit);

/* Returns everything to the system, wiped, including objects still lent. */
void pool_wipe(struct pool *p);

/*
 * An object that is all zero; NULL if the limit is reached or memory runs out.
 */
MUST_CHECK void *pool_take(struct pool *p);

/* object may be NULL. A slab without lent objects may go back to the system. */
void pool_give(struct pool *p, void *object);
