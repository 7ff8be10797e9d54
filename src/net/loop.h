// SPDX-License-Identifier: MIT
/*
 * Readiness: which of many descriptors can be read from or written to. A small
 * interface with two back ends, one of them chosen when building: epoll
 * (Linux) and poll (any POSIX system). Both are level-triggered: who does not
 * read everything is told again. Knows neither timers nor callbacks; the
 * owner asks, and works through the answer in an order of its own choosing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/*
 * Embedded in whatever owns the descriptor. It must stay where it is while it
 * is watched. The loop remembers in it what the kernel was last told.
 */
struct watch {
	int fd;
	unsigned wants : 2;  /* the loop's */
	unsigned place : 30; /* the loop's */
};

struct loop;

/* NULL, with errno set, when the system has no means left. */
MUST_CHECK struct loop *loop_open(void);
void loop_close(struct loop *l);

/* Starts watching w->fd: 0 or -errno. */
MUST_CHECK int loop_add(struct loop *l, struct watch *w, unsigned wants);

/* loop_change(), when it does change something. */
MUST_CHECK int loop_tell(struct loop *l, struct watch *w, unsigned wants);

/* Asks the kernel only when it was last told otherwise: 0 or -errno. */
MUST_CHECK static inline int loop_change(
	struct loop *l, struct watch *w, unsigned wants)
{
	return w->wants == wants ? 0 : loop_tell(l, w, wants);
}

/* To be called just before the descriptor is closed, of which no copy is. */
void loop_remove(struct loop *l, struct watch *w);

/*
 * Waits until something is ready, at most timeout_ms (-1: as long as it
 * takes): how many watches are, 0 after a time-out or a signal, or -errno.
 */
MUST_CHECK int loop_wait(struct loop *l, int timeout_ms);

/*
 * The same, until a moment (clock_ns), for who has to be more exact than
 * milliseconds: as exact as the system's timers.
 */
MUST_CHECK int loop_wait_until(struct loop *l, uint64_t moment_ns);

/*
 * After loop_wait(): the ready ones, one a call, then NULL. What a watch is
 * ready for is what it wants; an error and a hang-up count as that too. The
 * one returned last may be removed, and no other that is yet to come.
 */
struct watch *loop_next(struct loop *l);

/* A wait that finds so many may have left out others that are ready too. */
extern const int loop_batch;

/* "epoll" or "poll". */
extern const char loop_name[];
