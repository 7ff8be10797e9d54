// SPDX-License-Identifier: MIT
/*
 * A run: starts the threads, gives them a common start, watches them, and sums
 * up their tallies. Shows progress on a terminal. Knows no report. Used by
 * main.c.
 */
#pragma once

#include "bench/plan.h"
#include "bench/tally.h"

struct result {
	struct tally tally;
	double seconds;  /* in which requests or handshakes were counted */
	double busiest;  /* the busiest thread's share of a CPU */
	double stood;    /* seconds that one of the threads did not run */
	size_t remained; /* connections that did not fail */
	/* Of plan->requests, since no connection was left. */
	uint64_t never_left;
	bool was_interrupted; /* by SIGINT or SIGTERM */
};

/*
 * 0, or -errno if it could not begin or not go on. The result is valid in
 * either case. SIGINT and SIGTERM end it early; a second one ends it at once.
 */
MUST_CHECK int run_plan(const struct plan *plan, struct result *result);
