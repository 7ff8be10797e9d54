// SPDX-License-Identifier: MIT
#include "wakers.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "chance.h"
#include "faults.h"
#include "net/wake.h"
#include "network.h"
#include "thread.h"
#include "world.h"

enum { WAKERS = 16, WATCHES = LINKS + 2, BATCH = 8 };

struct loop {
	struct watch *watches[WATCHES];
	unsigned count;
	unsigned first; /* to be looked at by the next wait */
	struct watch *ready[BATCH];
	int found, next;
};

const char loop_name[] = "simulated";
const int loop_batch = BATCH;

static struct {
	bool is_open, is_called;
} wakers[WAKERS];
static unsigned loops;

void wakers_begin(void)
{
	for (int i = 0; i < WAKERS; i++)
		wakers[i].is_open = false;
	loops = 0;
}

bool waker_is_called(int fd)
{
	HOLDS(fd >= WAKER_FD && fd < WAKER_FD + WAKERS &&
			wakers[fd - WAKER_FD].is_open,
		"descriptor %d is not a waker", fd);
	return wakers[fd - WAKER_FD].is_called;
}

unsigned wakers_open(void)
{
	unsigned n = loops;

	for (int i = 0; i < WAKERS; i++)
		n += wakers[i].is_open;
	return n;
}

int waker_open(struct waker *w)
{
	int i = 0;

	if (fault(FAULT_START))
		return -EMFILE;
	while (i < WAKERS && wakers[i].is_open)
		i++;
	HOLDS(i < WAKERS, "too many wakers");
	wakers[i].is_open = true;
	wakers[i].is_called = false;
	*w = (struct waker){ .fd = WAKER_FD + i, .slot = WAKER_FD + i };
	return 0;
}

void waker_close(struct waker *w)
{
	waker_is_called(w->fd);
	wakers[w->fd - WAKER_FD].is_open = false;
}

void waker_wake(const struct waker *w)
{
	waker_is_called(w->slot);
	wakers[w->slot - WAKER_FD].is_called = true;
}

void waker_clear(const struct waker *w)
{
	waker_is_called(w->fd);
	wakers[w->fd - WAKER_FD].is_called = false;
}

struct loop *loop_open(void)
{
	struct loop *l = fault(FAULT_START) ? NULL : calloc(1, sizeof(*l));

	if (!l) {
		errno = ENOMEM;
		return NULL;
	}
	loops++;
	return l;
}

void loop_close(struct loop *l)
{
	if (!l)
		return;
	loops--;
	free(l);
}

int loop_add(struct loop *l, struct watch *w, unsigned wants)
{
	if (fault(FAULT_LOOP_ADD))
		return -ENOSPC;
	HOLDS(l->count < WATCHES, "too many watches");
	w->wants = wants & (LOOP_READ | LOOP_WRITE);
	w->place = l->count & 0x3fffffff;
	l->watches[l->count++] = w;
	if (w->fd < WAKER_FD)
		oracle_begun(w);
	return 0;
}

static void check_watch(const struct loop *l, const struct watch *w)
{
	HOLDS(w->place < l->count && l->watches[w->place] == w,
		"descriptor %d is not watched", w->fd);
}

int loop_tell(struct loop *l, struct watch *w, unsigned wants)
{
	check_watch(l, w);
	if (fault(FAULT_LOOP_TELL))
		return -ENOMEM;
	w->wants = wants & (LOOP_READ | LOOP_WRITE);
	return 0;
}

/* None that is still to be returned may be removed: see net/loop.h. */
void loop_remove(struct loop *l, struct watch *w)
{
	check_watch(l, w);
	if (w->fd < WAKER_FD)
		oracle_ends(w);
	for (int i = l->next; i < l->found; i++)
		HOLDS(l->ready[i] != w, "removes what is still to be returned");
	l->watches[w->place] = l->watches[--l->count];
	l->watches[w->place]->place = w->place;
}

static bool is_ready(const struct watch *w)
{
	return network_ready(w->fd) & (w->wants | LOOP_HANG_UP);
}

bool network_loop_is_ready(const struct loop *l)
{
	for (unsigned i = 0; i < l->count; i++)
		if (is_ready(l->watches[i]))
			return true;
	return false;
}

/* As fair as the real ones: the next wait begins where this one ended. */
static void look(struct loop *l)
{
	unsigned i;

	for (i = 0; i < l->count && l->found < BATCH; i++) {
		struct watch *w = l->watches[(l->first + i) % l->count];

		if (is_ready(w))
			l->ready[l->found++] = w;
	}
	if (l->count)
		l->first = (l->first + i) % l->count;
	for (int n = l->found; n > 1; n--) {
		unsigned other = chance_below((unsigned)n);
		struct watch *w = l->ready[n - 1];

		l->ready[n - 1] = l->ready[other];
		l->ready[other] = w;
	}
}

int loop_wait_until(struct loop *l, uint64_t moment_ns)
{
	l->found = l->next = 0;
	thread_wait(WAIT_LOOP, l, -1,
		fault(FAULT_EARLY) ? world.now_ns : moment_ns);
	thread_now->link = -1;
	/* Who meets a fault may be passed over until deadlines are acted upon.
	 */
	if (!thread_now->overdue)
		thread_now->faults = 0;
	thread_now->wake = world.steps;
	if (fault(FAULT_LOOP_WAIT))
		return -ENOMEM;
	look(l);
	return l->found;
}

int loop_wait(struct loop *l, int timeout_ms)
{
	/* INT_MAX is some weeks, and stands for ever. */
	return loop_wait_until(
		l, timeout_ms < 0 || timeout_ms == INT_MAX
			   ? UINT64_MAX
			   : world.now_ns + (uint64_t)timeout_ms * 1000000);
}

struct watch *loop_next(struct loop *l)
{
	return l->next < l->found ? l->ready[l->next++] : NULL;
}
