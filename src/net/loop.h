// SPDX-License-Identifier: MIT
/*
 * Readiness: which of many descriptors can be read from or written to. A small
 * interface with two back ends, one of which is chosen when building: epoll
 * (Linux) and poll (any POSIX system). Both are level-triggered: a descriptor
 * that was not read to the end is reported again. Knows neither timers nor
 * callbacks; the owner asks, and handles the ready descriptors in any order.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/*
 * Embedded in the owner of the descriptor. It must not move while it is
 * watched. The loop remembers in it what it last told the kernel.
 */
struct watch {
	int fd;
	unsigned wants : 2;  /* the loop's */
	unsigned place : 30; /* the loop's */
};

struct loop;

/* NULL, with errno set, if system resources run out. */
MUST_CHECK struct loop *loop_open(void);
void loop_close(struct loop *l);

/* Starts watching w->fd: 0 or -errno. */
MUST_CHECK int loop_add(struct loop *l, struct watch *w, unsigned wants);

/* loop_change(), if there is a change. */
MUST_CHECK int loop_tell(struct loop *l, struct watch *w, unsigned wants);

/* Tells the kernel only what has changed: 0 or -errno. */
MUST_CHECK static inline int loop_change(
	struct loop *l, struct watch *w, unsigned wants)
{
	return w->wants == wants ? 0 : loop_tell(l, w, wants);
}

/*
 * Call this just before closing the descriptor, of which there must be no copy.
 */
void loop_remove(struct loop *l, struct watch *w);

/*
 * Waits until something is ready, at most timeout_ms (-1: without limit).
 * Returns how many watches are ready, 0 after a timeout or a signal, or -errno.
 */
MUST_CHECK int loop_wait(struct loop *l, int timeout_ms);

/*
 * The same, until a moment (clock_ns), for callers that need more precision
 * than milliseconds: as exact as the system's timers.
 */
MUST_CHECK int loop_wait_until(struct loop *l, uint64_t moment_ns);

/*
 * After loop_wait(): returns the ready watches, one per call, then NULL. A
 * watch is ready for what it wants; an error and a hang-up also count as that.
 * The one returned last may be removed, but none that is still to be returned.
 */
struct watch *loop_next(struct loop *l);

/* A wait that finds this many may have left out others that are ready too. */
extern const int loop_batch;

/* "epoll" or "poll". */
extern const char loop_name[];
