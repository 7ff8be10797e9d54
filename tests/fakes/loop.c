// SPDX-License-Identifier: MIT
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/clock.h"
#include "fakes/fakes.h"

enum { WATCHES = 1024, WAITS_MAX = 1000000 };

struct loop {
	struct watch *watches[WATCHES];
	unsigned count;
	unsigned first; /* to be looked at by the next wait */
	struct watch *ready[FAKE_BATCH];
	int found, next;
	unsigned waits;
};

const char loop_name[] = "fake";
const int loop_batch = FAKE_BATCH;

struct loop *loop_open(void)
{
	return calloc(1, sizeof(struct loop));
}

void loop_close(struct loop *l)
{
	free(l);
}

int loop_add(struct loop *l, struct watch *w, unsigned wants)
{
	if (fake.loop_error)
		return fake.loop_error;
	assert(l->count < WATCHES);
	w->wants = wants & (LOOP_READ | LOOP_WRITE);
	w->place = l->count & (WATCHES - 1);
	l->watches[l->count++] = w;
	return 0;
}

int loop_tell(struct loop *l, struct watch *w, unsigned wants)
{
	assert(l->watches[w->place] == w);
	if (fake.loop_error)
		return fake.loop_error;
	w->wants = wants & (LOOP_READ | LOOP_WRITE);
	return 0;
}

void loop_remove(struct loop *l, struct watch *w)
{
	assert(l->watches[w->place] == w);
	l->watches[w->place] = l->watches[--l->count];
	l->watches[w->place]->place = w->place;
	l->watches[l->count] = NULL;
}

/* As fair as the real ones: the next wait begins where this one ended. */
static int look(struct loop *l)
{
	unsigned i;

	l->found = l->next = 0;
	for (i = 0; i < l->count && l->found < FAKE_BATCH; i++) {
		struct watch *w = l->watches[(l->first + i) % l->count];

		if (fake_ready(w->fd) & w->wants)
			l->ready[l->found++] = w;
	}
	if (l->count)
		l->first = (l->first + i) % l->count;
	return l->found;
}

static int wait_until(struct loop *l, uint64_t moment_ns)
{
	int error = fake.never_waits ? -ENOMEM : fake.wait_error;

	assert(++l->waits < WAITS_MAX); /* it spins */
	fake.wait_error = 0;
	if (error) {
		l->found = l->next = 0;
		return error;
	}
	while (!look(l) && fake_happen(moment_ns))
		;
	return l->found;
}

int loop_wait(struct loop *l, int timeout_ms)
{
	/* INT_MAX is some weeks, and stands for ever. */
	return wait_until(
		l, timeout_ms < 0 || timeout_ms == INT_MAX
			   ? UINT64_MAX
			   : fake.now_ns + (uint64_t)timeout_ms * 1000000);
}

int loop_wait_until(struct loop *l, uint64_t moment_ns)
{
	return wait_until(l, moment_ns);
}

struct watch *loop_next(struct loop *l)
{
	return l->next < l->found ? l->ready[l->next++] : NULL;
}
