// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/loop.h"

/* Two parallel arrays; a watch knows its index in both. */
struct loop {
	struct pollfd *asked;
	struct watch **watches;
	size_t count, size;
	size_t next; /* to be checked; a wait begins where the last one ended */
	int left;    /* ready but not returned yet */
};

const char loop_name[] = "poll";
const int loop_batch = INT_MAX;

static short to_poll(unsigned wants)
{
	return (short)((wants & LOOP_READ ? POLLIN : 0) |
		       (wants & LOOP_WRITE ? POLLOUT : 0));
}

struct loop *loop_open(void)
{
	return calloc(1, sizeof(struct loop));
}

void loop_close(struct loop *l)
{
	if (!l)
		return;
	free(l->asked);
	free(l->watches);
	free(l);
}

static int grow_watched(struct loop *l)
{
	size_t size = l->size ? 2 * l->size : 64;
	struct pollfd *asked;
	struct watch **watches;

	asked = realloc(l->asked, size * sizeof(*asked));
	if (!asked)
		return -ENOMEM;
	l->asked = asked;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are meant */
	watches = realloc(l->watches, size * sizeof(*watches));
	if (!watches)
		return -ENOMEM;
	l->watches = watches;
	l->size = size;
	return 0;
}

int loop_add(struct loop *l, struct watch *w, unsigned wants)
{
	int error = l->count == l->size ? grow_watched(l) : 0;

	if (error)
		return error;
	w->place = (unsigned)l->count & 0x3fffffff;
	w->wants = wants & (LOOP_READ | LOOP_WRITE);
	l->asked[l->count] = (struct pollfd){ w->fd, to_poll(wants), 0 };
	l->watches[l->count++] = w;
	return 0;
}

int loop_tell(struct loop *l, struct watch *w, unsigned wants)
{
	w->wants = wants & (LOOP_READ | LOOP_WRITE);
	l->asked[w->place].events = to_poll(wants);
	return 0;
}

void loop_remove(struct loop *l, struct watch *w)
{
	size_t last = --l->count;

	/* The last one takes the place that becomes free. */
	l->asked[w->place] = l->asked[last];
	l->watches[w->place] = l->watches[last];
	l->watches[w->place]->place = w->place;
}

static int found(struct loop *l, int left)
{
	l->left = left < 0 ? 0 : left;
	return left < 0 && errno != EINTR ? -errno : l->left;
}

int loop_wait(struct loop *l, int timeout_ms)
{
	return found(l, poll(l->asked, (nfds_t)l->count, timeout_ms));
}

int loop_wait_until(struct loop *l, uint64_t moment_ns)
{
	struct timespec left = clock_left(moment_ns);

	return found(l, ppoll(l->asked, (nfds_t)l->count, &left, NULL));
}

struct watch *loop_next(struct loop *l)
{
	/*
	 * One that was removed in the meantime is missing: hence at most one
	 * round.
	 */
	for (size_t i = 0; i < l->count && l->left > 0; i++) {
		size_t place = l->next++ % l->count;

		if (l->asked[place].revents) {
			l->asked[place].revents = 0;
			l->left--;
			return l->watches[place];
		}
	}
	l->left = 0;
	return NULL;
}
