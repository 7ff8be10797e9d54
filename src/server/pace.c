// SPDX-License-Identifier: MIT
#include "server/pace.h"

#include "base/os.h"

void pace_open(struct pace *p)
{
	*p = (struct pace){ .wanted = os_thread_open_wanted() };
}

void pace_close(struct pace *p)
{
	os_thread_close_wanted(p->wanted);
}

uint64_t pace_own_ms(const struct pace *p)
{
	return os_thread_wanted_ns(p->wanted) / 1000000;
}

void pace_late(
	struct pace *p, uint64_t kernel_ms, uint64_t asked_ms, uint64_t own_ms)
{
	uint64_t waited_ms = kernel_ms - p->kernel_ms;
	uint64_t worked_ms = own_ms > p->own_ms ? own_ms - p->own_ms : 0;
	uint64_t due_ms = asked_ms + worked_ms;

	p->own_ms = own_ms; /* it explains one stop only */
	if (!p->kernel_ms || waited_ms <= due_ms + PACE_LATE_MS)
		return;
	p->stood_ms += waited_ms - due_ms;
	p->stood_ms += asked_ms < PACE_UNKNOWN_MS ? asked_ms : PACE_UNKNOWN_MS;
	p->was_late = true;
	p->wakes_left = 0; /* to be recounted */
}

void pace_rest(struct pace *p, uint64_t kernel_ms, uint64_t own_ms)
{
	pace_late(p, kernel_ms, 0, own_ms);
	p->kernel_ms = p->rested_ms = kernel_ms;
}

bool pace_may_expire(struct pace *p, const struct pace_wake *wake)
{
	/*
	 * Each costly flight takes a wake. They count only after a stop;
	 * otherwise a flood of them would delay the deadlines.
	 */
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
