// SPDX-License-Identifier: MIT
/*
 * The connections of one thread of the load generator, and their loop. It
 * gives each connection its turn and acts on the outcome: the connection is
 * opened again, is asked again, or waits for the schedule. Knows neither the
 * thread nor the phases of a run. Used by driver.c.
 */
#pragma once

#include "bench/context.h"
#include "bench/pause.h"

struct group {
	struct context context; /* what they share */
	struct connection *connections;
	size_t count;
	size_t tried;     /* how many were begun at least once */
	size_t alive;     /* how many have not failed for good */
	struct ring idle; /* open loop: those that can be asked at once */
	struct pause pause;
	uint64_t sweep_ns; /* when to look next for what takes too long */
	int error;         /* why it cannot go on; 0: it can */
};

/* g, all zero, becomes a thread's share of the connections: 0 or -errno. */
MUST_CHECK int group_init(
	struct group *g, struct timetable *timetable, long thread);

/* Gives back the loop and the connections; what was measured remains. */
void group_free(struct group *g);

/* Has the run begun? */
bool group_has_begun(const struct group *g);

/* Was the run interrupted, or can it not go on? */
bool group_must_stop(const struct group *g);

/* Begins to open the connections that can be opened now. */
void group_open(struct group *g);

/* Is any connection not yet opened, or being opened? */
bool group_is_opening(const struct group *g);

/* The run has begun: asks the connections that are open. */
void group_begin(struct group *g);

/* Waits until there is something to do, and does it. */
void group_step(struct group *g);

/* Open loop: sends what is due. */
void group_keep_schedule(struct group *g);

/* Sends END on those that are open. Each closes when the server does, or a
 * second later. */
void group_leave(struct group *g);

/* Closes all of them, for good. */
void group_drop(struct group *g);
