// SPDX-License-Identifier: MIT
/*
 * The connections of one thread of the load generator, and their loop. It
 * gives each its turn, and acts on what came of it: whether it is opened
 * again, is asked again or waits its turn in the schedule. Knows neither the
 * thread nor the phases of a run. Used by driver.c, which does.
 */
#pragma once

#include "bench/context.h"
#include "bench/pause.h"

struct group {
	struct context context; /* what they share */
	struct connection *connections;
	size_t count;
	size_t tried;     /* connections that were begun at least once */
	size_t alive;     /* those that have not failed for good */
	struct ring idle; /* open loop: those that can be asked at once */
	struct pause pause;
	uint64_t sweep_ns; /* when to look for what takes too long */
	int error;         /* why it cannot go on, or 0 */
};

/* All zero becomes a thread's share of the connections: 0 or -errno. */
MUST_CHECK int group_init(
	struct group *g, struct timetable *timetable, long thread);

/* Gives back the loop and the connections; what was measured remains. */
void group_free(struct group *g);

/* Was the run interrupted, or can it not go on? */
bool group_must_stop(const struct group *g);

/* Begins to open those that can be opened now. */
void group_open(struct group *g);

/* Is any connection yet to be opened, or on its way to that? */
bool group_is_opening(const struct group *g);

/* Now that the run has begun: asks those that are open. */
void group_begin(struct group *g);

/* Waits until something is to be done, and does it. */
void group_step(struct group *g);

/* Open loop: sends what is due. */
void group_keep_schedule(struct group *g);

/* Tells those that are open END; they close when the server has, or a second
 * later. */
void group_leave(struct group *g);

/* Closes all of them, for good. */
void group_drop(struct group *g);
