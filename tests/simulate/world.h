// SPDX-License-Identifier: MIT
/*
 * The simulated world: its clocks, and the scheduler. A step is whatever the
 * scheduler chooses: a thread of the server goes on until it waits, something
 * arrives, or a client acts. Time passes a little in each step, and leaps to
 * when the next thing is due if there is nothing else to do. Stands in for
 * base/clock.h, base/calendar.h, base/log.h and parts of base/os.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { ZONE_MOST = 12 };

extern struct world {
	uint64_t seed;
	uint64_t steps, now_ns;
	uint64_t digest; /* of all that has happened: two replays have one */
	unsigned room;   /* bytes in each flow */
	unsigned latency_us;
	unsigned slowness;        /* of clients */
	uint64_t frozen_until_ns; /* until then the server does not run */
	uint64_t stood_ns;        /* how long it did not, in all … */
	unsigned stops;           /* … and how often */
	int64_t wall_ns;          /* the time of day, less that of now_ns */
	int zone;                 /* hours, from -ZONE_MOST to ZONE_MOST */
	long pages;               /* taken and not given back */
	uint64_t lines_ns;        /* the budget of the log: as in peer_log.c */
	unsigned long requests, sessions;
} world;

void world_begin(uint64_t seed);

/* From now on, what happens is told on standard output. */
void world_tell(void);

/* False if nothing will ever happen again. */
bool world_step(void);

/* Mixes something that has happened into the digest. */
void world_note(uint64_t what);
