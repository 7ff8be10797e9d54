// SPDX-License-Identifier: MIT
/*
 * The clock of a worker: it stops while the worker cannot run (a stopped
 * process, a frozen one), so that no connection is ended for that time. And it
 * says when deadlines may be acted upon: not before everything that is ready
 * has been read. Knows no loop and no connection, and reads no clock except
 * that of the thread's own time. Used by a worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum {
	PACE_LATE_MS = 100,     /* a wake this late follows a stop */
	PACE_UNKNOWN_MS = 1000, /* see pace_late() */
};

/* Start with pace_open(), then call pace_rest(). */
struct pace {
	int wanted;         /* see os_thread_open_wanted() */
	uint64_t kernel_ms; /* at the last wake, or since the last rest */
	uint64_t stood_ms;  /* in all */
	uint64_t own_ms;    /* the thread's own time, at the last rest … */
	uint64_t rested_ms; /* … and when that was */
	size_t wakes_left;  /* that deadlines still have to wait for; 0: none is
			       due */
	bool was_late;      /* and not everything has been read since */
};

/*
 * Milliseconds that this thread has run, or was ready to run without a CPU.
 * That is load, from this program or others, and not a stop: otherwise load
 * could hold back the clock.
 */
uint64_t pace_own_ms(const struct pace *p);

/* Both in the thread whose clock it is. */
void pace_open(struct pace *p);
void pace_close(struct pace *p);

/*
 * The wake at kernel_ms was late, and own_ms is the thread's own time. What
 * that does not explain is a stop. The clock stood for the excess, and for up
 * to a second more of the wait: it is not known when in the wait the stop
 * began, and a peer that got the reply to a flight after it must have time to
 * continue.
 */
COLD void pace_late(
	struct pace *p, uint64_t kernel_ms, uint64_t asked_ms, uint64_t own_ms);

/*
 * How long to wait if this much is left until the next deadline: half of it, if
 * it is long. So a stop far shorter than a deadline is noticed as well, and
 * less of the wait is uncertain; such frequent wakes cost nothing.
 */
static inline uint64_t pace_ask(uint64_t left_ms)
{
	return left_ms > PACE_UNKNOWN_MS ? left_ms / 2 : left_ms;
}

/* A wait of asked_ms has ended at kernel_ms: returns the worker's time. */
static inline uint64_t pace_woke(
	struct pace *p, uint64_t kernel_ms, uint64_t asked_ms)
{
	if (__builtin_expect(
		    kernel_ms - p->kernel_ms > asked_ms + PACE_LATE_MS, 0))
		pace_late(p, kernel_ms, asked_ms, pace_own_ms(p));
	p->kernel_ms = kernel_ms;
	return kernel_ms - p->stood_ms;
}

/*
 * Before a wait: is it time for pace_rest()? Reading the own time costs too
 * much to do it before each wait, so it is read when nobody waits for a reply.
 */
static inline bool pace_should_rest(const struct pace *p)
{
	return __builtin_expect(p->kernel_ms - p->rested_ms >= PACE_LATE_MS, 0);
}

/* Reads both clocks now, together. A stop since the last wake counts, too. */
COLD void pace_rest(struct pace *p, uint64_t kernel_ms, uint64_t own_ms);

/* How a wait ended, at the end of a wake in which a deadline is due. */
struct pace_wake {
	bool was_asked_not_to_wait; /* so it was not ended by a signal */
	bool is_full;               /* more may be ready */
	bool has_left_flights;
	size_t connections, batch;
};

/*
 * May deadlines be acted upon now? Yes if everything that was ready has been
 * read, or after as many wakes as that can take with this many connections, so
 * that a peer that never stops sending does not protect all others.
 */
bool pace_may_expire(struct pace *p, const struct pace_wake *wake);
