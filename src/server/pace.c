// SPDX-License-Identifier: MIT
#include "server/pace.h"

#include <time.h>

uint64_t pace_woke(struct pace *p, uint64_t kernel_ms, uint64_t asked_ms)
{
	uint64_t waited_ms = kernel_ms - p->kernel_ms;
	uint64_t due_ms = asked_ms + p->work_ms;

	if (__builtin_expect(waited_ms > due_ms + PACE_LATE_MS, 0)) {
		uint64_t unknown_ms =
			asked_ms < PACE_UNKNOWN_MS ? asked_ms : PACE_UNKNOWN_MS;

		p->stood_ms += waited_ms - due_ms + unknown_ms;
		p->was_late = true;
	}
	p->kernel_ms = kernel_ms;
	p->work_ms = 0;
	return kernel_ms - p->stood_ms;
}

uint64_t pace_used_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000u +
	       (uint64_t)used.tv_nsec / 1000000u;
}

bool pace_may_expire(struct pace *p, const struct pace_wake *wake)
{
	/* Each costly flight takes a wake, and they count only after a stop:
	 * otherwise a flood of them would hold up the deadlines. */
	bool must_run_flights = p->was_late && wake->has_left_flights;

	if (!p->wakes_left)
		p->wakes_left = 2 + wake->connections / wake->batch +
				(p->was_late ? wake->connections : 0);
	if (wake->was_asked_not_to_wait && !wake->is_full && !must_run_flights)
		p->wakes_left = 1;
	if (--p->wakes_left)
		return false;
	p->was_late = false;
	return true;
}
