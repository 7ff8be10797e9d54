// SPDX-License-Identifier: MIT
/*
 * A thread of the load generator: it opens its connections, makes its part of
 * the run, and closes them. Knows no output, and leaves each connection's turn
 * to the group. Used by run.c.
 */
#pragma once

#include <pthread.h>

#include "bench/group.h"

/* What all drivers share with the thread that started them. */
struct run {
	struct timetable timetable;
	_Atomic long opened, finished; /* how many drivers have come that far */
};

struct driver {
	struct group group;
	struct run *run;
	pthread_t thread;
	uint64_t stopped_ns; /* when nothing was left to do */
	uint64_t cpu_ns;     /* processor time between start and end … */
	uint64_t ran_ns;     /* … and how long that was */
	uint64_t stood_ns;   /* of that, while the thread did not run */
};

/* Starts the thread: 0 or -errno. It ends by itself, see driver_join(). */
MUST_CHECK int driver_start(struct driver *d, struct run *run, long index);

/* Waits for its end; what was measured remains. */
void driver_join(struct driver *d);

/* The two halves of driver_start(), for a test without threads: its needs (0 or
 * -errno), and what the thread does. */
MUST_CHECK int driver_init(struct driver *d, struct run *run, long index);
void driver_run(struct driver *d);
