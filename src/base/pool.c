// SPDX-License-Identifier: MIT
#include "base/pool.h"

#include <assert.h>
#include <sodium.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/os.h"

enum {
	POOL_ALIGN = 8,
	POOL_SLAB_BYTES = 65536,
};

/*
 * A slab begins at a multiple of its size, so the address of an object
 * identifies its slab. The slabs with free objects come first in the list.
 * Objects that were never lent have never been touched, so they use no memory.
 */
struct slab {
	struct ring link; /* first */
	void *spare;      /* returned objects, each pointing to the next */
	size_t lent;
	size_t fresh; /* the first that was never lent */
	alignas(max_align_t) char objects[];
};

static size_t slab_objects(const struct pool *p)
{
	return (p->slab_bytes - sizeof(struct slab)) / p->size;
}

static bool has_room(const struct pool *p, const struct slab *s)
{
	return s->lent < slab_objects(p);
}

static struct slab *slab_of(const struct pool *p, void *object)
{
	return (struct slab *)((char *)object -
			       ((uintptr_t)object & (p->slab_bytes - 1)));
}

/* Moves it to the front of the list, or to its end. */
static void place(struct pool *p, struct slab *s)
{
	struct ring *behind;

	ring_remove(&s->link);
	behind = has_room(p, s) ? p->slabs.next : &p->slabs;
	assert(behind);
	ring_add(behind, &s->link);
}

void pool_init(struct pool *p, size_t size, size_t limit)
{
	size = (size + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
	*p = (struct pool){ .size = size, .limit = limit };
	p->slab_bytes = POOL_SLAB_BYTES;
	while (p->slab_bytes - sizeof(struct slab) < size)
		p->slab_bytes *= 2;
	ring_init(&p->slabs);
}

static void discard(struct pool *p, struct slab *s)
{
	ring_remove(&s->link);
	sodium_memzero(s->objects, s->fresh * p->size);
	os_give_pages(s, p->slab_bytes);
}

void pool_wipe(struct pool *p)
{
	struct ring *first;

	while (p->slab_bytes && (first = ring_first(&p->slabs)))
		discard(p, (struct slab *)first);
	*p = (struct pool){ 0 };
}

/* A slab with a free object, or NULL. */
static struct slab *find_room(struct pool *p)
{
	struct slab *s = (struct slab *)ring_first(&p->slabs);

	if (s && has_room(p, s))
		return s;
	s = os_take_pages(p->slab_bytes);
	if (s)
		place(p, s);
	return s;
}

void *pool_take(struct pool *p)
{
	struct slab *s;
	void *object;

	if (p->lent == p->limit)
		return NULL;
	s = find_room(p);
	if (!s)
		return NULL;
	object = s->spare;
	if (object) {
		memcpy(&s->spare, object, sizeof(void *));
		memset(object, 0, sizeof(void *));
	} else {
		object = s->objects + s->fresh++ * p->size;
	}
	s->lent++;
	p->lent++;
	if (!has_room(p, s))
		place(p, s);
	return object;
}

/* Is there room elsewhere? Then an empty slab is not kept. */
static bool has_other_room(const struct pool *p, const struct slab *s)
{
	const struct ring *other = p->slabs.next;

	if (other == &s->link)
		other = other->next;
	return other != &p->slabs && has_room(p, (const struct slab *)other);
}

void pool_give(struct pool *p, void *object)
{
	struct slab *s;
	bool was_full;

	if (!object)
		return;
	s = slab_of(p, object);
	was_full = !has_room(p, s);
	sodium_memzero(object, p->size);
	memcpy(object, &s->spare, sizeof(void *));
	s->spare = object;
	s->lent--;
	p->lent--;
	if (was_full)
		place(p, s);
	if (!s->lent && has_other_room(p, s))
		discard(p, s);
}
