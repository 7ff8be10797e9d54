// SPDX-License-Identifier: MIT
/*
 * Objects of one size, lent and given back, up to a limit. Memory is asked of
 * the system a slab at a time, so that lending costs a few instructions and an
 * object costs its size. What comes back is wiped, and a slab that holds
 * nothing any more goes back to the system.
 * Knows nothing of what the objects are. Not for sharing between threads.
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
	struct ring slabs; /* those with room first: see pool.c */
};

/*
 * An object's size is rounded up to a multiple of 8. Objects are aligned for
 * whatever has their size, on 32-bit systems too.
 */
void pool_init(struct pool *p, size_t size, size_t limit);

/* Gives everything back to the system, wiped, also what is still lent. */
void pool_wipe(struct pool *p);

/* All zero; NULL when the limit is reached or the system has no memory. */
MUST_CHECK void *pool_take(struct pool *p);

/* object may be NULL. Memory that held many and holds none goes back. */
void pool_give(struct pool *p, void *object);
