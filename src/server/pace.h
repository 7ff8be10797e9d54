// SPDX-License-Identifier: MIT
/*
 * The clock of a worker: it stands while the worker does not run (a stopped
 * process, a suspended machine), so that nobody is ended for that time. And
 * when deadlines may be acted upon: not before what is ready has been read.
 * Knows no loop and no connection, and reads no clock but that of the thread's
 * own work. Used by a worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PACE_LATE_MS = 100,     /* a wake this late is one after a stop */
	PACE_UNKNOWN_MS = 1000, /* see pace_woke() */
};

/* All zero: at the beginning. */
struct pace {
	uint64_t kernel_ms; /* at the last wake */
	uint64_t stood_ms;  /* in all */
	uint64_t work_ms;   /* the worker's own, since the last wake */
	size_t wakes_left;  /* that deadlines still wait for; 0: none is due */
	bool was_late;      /* and not everything has been read since */
};

/*
 * A wait of asked_ms has ended at kernel_ms: returns the worker's time. If it
 * ended too late, the clock stood for the excess, and for up to a second more
 * of the wait: when in it the stop began is not known, and who got a flight's
 * answer after it must have the time to go on.
 */
uint64_t pace_woke(struct pace *p, uint64_t kernel_ms, uint64_t asked_ms);

/* Milliseconds of processor time that this thread has used. */
uint64_t pace_used_ms(void);

/* How a wait ended, at the end of a wake in which a deadline is due. */
struct pace_wake {
	bool was_asked_not_to_wait; /* so it was no signal that ended it */
	bool is_full;               /* more may be ready */
	bool has_left_flights;
	size_t connections, batch;
};

/*
 * May deadlines be acted upon now? Yes when everything that was ready has been
 * read, or after as many wakes as that can take with so many connections, lest
 * somebody who never stops sending keeps all the others.
 */
bool pace_may_expire(struct pace *p, const struct pace_wake *wake);
