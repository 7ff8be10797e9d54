// SPDX-License-Identifier: MIT
#include "base/pool.h"

#include <assert.h>
#include <sodium.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum {
	POOL_ALIGN = 8,
	POOL_SLAB_BYTES = 32768, /* well under malloc's mmap threshold */
	/* Of a slab; what follows is aligned as malloc() does it. */
	POOL_HEAD_BYTES = alignof(max_align_t),
};

static_assert(POOL_HEAD_BYTES >= sizeof(void *), "the link has room");

/* A slab begins with the link to the next one; its objects follow. */
static size_t slab_objects(const struct pool *p)
{
	size_t n = (POOL_SLAB_BYTES - POOL_HEAD_BYTES) / p->size;

	return n ? n : 1;
}

static size_t slab_bytes(const struct pool *p)
{
	return POOL_HEAD_BYTES + slab_objects(p) * p->size;
}

static void push(void **list, void *object)
{
	memcpy(object, list, sizeof(void *));
	*list = object;
}

static void *pop(void **list)
{
	void *object = *list;

	memcpy(list, object, sizeof(void *));
	return object;
}

static void grow(struct pool *p)
{
	char *slab = calloc(1, slab_bytes(p));

	if (!slab)
		return;
	push(&p->slabs, slab);
	/* From the last to the first, to be lent from the first to the last. */
	for (size_t i = slab_objects(p); i > 0; i--)
		push(&p->spare, slab + POOL_HEAD_BYTES + (i - 1) * p->size);
}

void pool_init(struct pool *p, size_t size, size_t limit)
{
	size = (size + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
	*p = (struct pool){ .size = size, .limit = limit };
}

void pool_wipe(struct pool *p)
{
	while (p->slabs) {
		void *slab = pop(&p->slabs);

		sodium_memzero(slab, slab_bytes(p));
		free(slab);
	}
	*p = (struct pool){ 0 };
}

void *pool_take(struct pool *p)
{
	void *object;

	if (p->lent == p->limit)
		return NULL;
	if (!p->spare)
		grow(p);
	if (!p->spare)
		return NULL;
	object = pop(&p->spare);
	memset(object, 0, sizeof(void *));
	p->lent++;
	return object;
}

void pool_give(struct pool *p, void *object)
{
	if (!object)
		return;
	sodium_memzero(object, p->size);
	push(&p->spare, object);
	p->lent--;
}
