// SPDX-License-Identifier: MIT
/*
 * When requests and handshakes may leave: as fast as replies come, or at the
 * places of a schedule, from the start of a run until its time is up or its
 * budget is spent. All threads share a timetable, and each keeps its own part
 * of the schedule. Reads no clock, and knows neither the connections nor what
 * becomes of a request. Used by connection.c, group.c, driver.c and run.c.
 */
#pragma once

#include <stdatomic.h>

#include "bench/plan.h"

/* What all threads of a run share. */
struct timetable {
	const struct plan *plan;
	_Atomic uint64_t start_ns; /* nothing leaves before; 0: not yet known */
	_Atomic bool is_interrupted; /* nothing more leaves */
	_Atomic long left;           /* of plan->requests: the budget */
};

/* One thread's part of it. */
struct schedule {
	const struct plan *plan;
	struct timetable *timetable;
	uint64_t thread;     /* its number, among plan->threads */
	uint64_t start_ns;   /* the timetable's, once it is known */
	uint64_t counted_ns; /* what is due from here … */
	uint64_t until_ns;   /* … until here is counted */
	uint64_t departed;   /* how many have left, including the warm-up */
	bool is_closed;      /* set by the driver: nothing more leaves */
};

/* A request or a handshake that leaves. */
struct departure {
	uint64_t due_ns;      /* when it should have left */
	enum command command; /* of a request */
};

void schedule_init(
	struct schedule *s, struct timetable *timetable, long thread);

/* Is the start known? If so, the times above are set. */
bool schedule_is_known(struct schedule *s);

bool schedule_is_interrupted(const struct schedule *s);

/* Has the run begun? */
bool schedule_has_begun(const struct schedule *s, uint64_t now_ns);

/* Does nothing become due any more? */
bool schedule_is_over(const struct schedule *s, uint64_t now_ns);

/* Open loop: when the next request of this thread is due. */
uint64_t schedule_next_ns(const struct schedule *s);

/* Open loop: can a request leave now? If it was due before the end, it can even
 * later, until the schedule is closed. */
bool schedule_is_due(const struct schedule *s, uint64_t now_ns);

/*
 * May one more leave now? Then it is taken from the budget or the schedule,
 * and *departure says what it is. It is untouched otherwise.
 */
MUST_CHECK bool schedule_take(
	struct schedule *s, uint64_t now_ns, struct departure *departure);

/*
 * Open loop with a duration: how many requests were due within the counted time
 * but did not leave. If the run was interrupted, the time ended at stopped_ns.
 */
uint64_t schedule_unsent(const struct schedule *s, uint64_t stopped_ns);
