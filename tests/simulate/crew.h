// SPDX-License-Identifier: MIT
/*
 * Processes that run simulations, since a server that fails may take its
 * process with it. One that takes far too long is ended. Knows nothing of what
 * a simulation is. Used by main.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct crew_result {
	unsigned long long seeds, steps, sessions, requests;
	unsigned failures;
};

/* Runs each seed once, in so many processes, and names those that fail. */
struct crew_result crew_run(uint64_t first, uint64_t count, int jobs);

/* The nth that failed in the last crew_run(); only the first are kept. */
enum { CREW_FAILED = 100, CREW_JOBS = 64 };
uint64_t crew_failed(unsigned n);

/* Runs it twice, to see that it does the same: does it? Says what it was. */
bool crew_replay(uint64_t seed);
