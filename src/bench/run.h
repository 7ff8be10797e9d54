// SPDX-License-Identifier: MIT
/*
 * A run: the threads are started, brought to the same start, watched, and
 * their tallies summed up. Shows progress on a terminal. Knows no report.
 */
#pragma once

#include "bench/plan.h"
#include "bench/tally.h"

struct result {
	struct tally tally;
	double seconds;  /* that requests, or handshakes, were counted in */
	double busiest;  /* the busiest thread's share of a processor */
	double stood;    /* seconds that one of them did not run */
	size_t remained; /* connections that did not fail */
	/* Of plan->requests, when no connection was left. */
	uint64_t never_left;
	bool was_interrupted; /* by SIGINT or SIGTERM */
};

/*
 * 0 or -errno: it could not begin or not go on. The result is valid in any
 * case. SIGINT and SIGTERM end it early, a second one at once.
 */
MUST_CHECK int run_plan(const struct plan *plan, struct result *result);
