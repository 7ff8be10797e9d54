// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"
#include "net/raw.h"

enum { BATCH = 256 };

struct loop {
	int fd;
	int count, next; /* of found */
	struct epoll_event found[BATCH];
};

const char loop_name[] = "epoll";
const int loop_batch = BATCH;

_Static_assert((int)EPOLLIN == LOOP_READ && (int)EPOLLOUT == LOOP_WRITE << 1,
	"to_epoll() shifts, it does not look up");

static unsigned to_epoll(unsigned wants)
{
	return (wants & LOOP_READ) | (wants & LOOP_WRITE) << 1;
}

struct loop *loop_open(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->fd < 0) {
		free(l);
		return NULL;
	}
	return l;
}

void loop_close(struct loop *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l);
}

static int tell(struct loop *l, int operation, struct watch *w, unsigned wants)
{
	struct epoll_event event = {
		.events = to_epoll(wants),
		.data.ptr = w,
	};

	if (epoll_ctl(l->fd, operation, w->fd, &event))
		return -errno;
	w->wants = wants & (LOOP_READ | LOOP_WRITE);
	return 0;
}

int loop_add(struct loop *l, struct watch *w, unsigned wants)
{
	return tell(l, EPOLL_CTL_ADD, w, wants);
}

int loop_tell(struct loop *l, struct watch *w, unsigned wants)
{
	return tell(l, EPOLL_CTL_MOD, w, wants);
}

void loop_remove(struct loop *l, struct watch *w)
{
	/* Closing removes it, since there is no copy of the descriptor. */
	(void)l;
	(void)w;
}

int loop_wait(struct loop *l, int timeout_ms)
{
	int n = (int)RAW_EPOLL_WAIT(l->fd, l->found, BATCH, timeout_ms);

	l->next = 0;
	l->count = n < 0 ? 0 : n;
	return n == -EINTR ? 0 : n;
}

/* An epoll descriptor can be waited for like any other. */
int loop_wait_until(struct loop *l, uint64_t moment_ns)
{
	struct pollfd any = { .fd = l->fd, .events = POLLIN };
	struct timespec left = clock_left(moment_ns);

	if (ppoll(&any, 1, &left, NULL) < 0 && errno != EINTR)
		return -errno;
	return loop_wait(l, 0);
}

struct watch *loop_next(struct loop *l)
{
	return l->next < l->count ? l->found[l->next++].data.ptr : NULL;
}
