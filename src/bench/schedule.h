// SPDX-License-Identifier: MIT
/*
 * When requests and handshakes may leave: as fast as replies come, or at the
 * places of a schedule; from the start of a run until its time is up or its
 * budget is spent. All threads share a timetable, and each keeps its own part
 * of the schedule. It reads no clock, and knows neither the connections nor
 * what becomes of a request. Used by driver.c, connection.c and run.c.
 */
#pragma once

#include <stdatomic.h>

#include "bench/plan.h"

/* What all threads of a run share. */
struct timetable {
	const struct plan *plan;
	_Atomic uint64_t start_ns;   /* nothing leaves before; 0: not known */
	_Atomic bool is_interrupted; /* nothing more leaves */
	_Atomic long left;           /* of plan->requests */
};

/* One thread's part of it. All zero: schedule_init() comes first. */
struct schedule {
	const struct plan *plan;
	struct timetable *timetable;
	uint64_t thread;     /* its number, among plan->threads */
	uint64_t start_ns;   /* the timetable's, once it is known; else 0 */
	uint64_t counted_ns; /* what is due from here … */
	uint64_t until_ns;   /* … until here is counted */
	uint64_t departed;   /* how many have left, the warm-up included */
	bool is_closed;      /* the driver's: nothing more is to leave */
};

/* A request or a handshake that leaves. */
struct departure {
	uint64_t due_ns;      /* when it should have left */
	enum command command; /* of a request */
};

void schedule_init(
	struct schedule *s, struct timetable *timetable, long thread);

/* Is the start known? From then on, the times above are as well. */
bool schedule_is_known(struct schedule *s);

bool schedule_is_interrupted(const struct schedule *s);

/* Has the run begun? */
bool schedule_has_begun(const struct schedule *s, uint64_t now_ns);

/* Does nothing more become due? */
bool schedule_is_over(const struct schedule *s, uint64_t now_ns);

/* Open loop: when the next request of this thread is due. */
uint64_t schedule_next_ns(const struct schedule *s);

/* Open loop: can a request leave now? It can even after the end, if it was due
 * before, until the schedule is closed. */
bool schedule_is_due(const struct schedule *s, uint64_t now_ns);

/*
 * May one more leave now? Then it is taken from the budget or the schedule,
 * and *departure says what it is. It is untouched otherwise.
 */
MUST_CHECK bool schedule_take(
	struct schedule *s, uint64_t now_ns, struct departure *departure);

/*
 * Open loop, timed: how many requests were due within the counted time but
 * have not left. Of an interrupted run, the time ended at stopped_ns.
 */
uint64_t schedule_unsent(const struct schedule *s, uint64_t stopped_ns);
