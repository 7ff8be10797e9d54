// SPDX-License-Identifier: MIT
#include "bench/schedule.h"

#include <math.h>

void schedule_init(struct schedule *s, struct timetable *timetable, long thread)
{
	*s = (struct schedule){
		.plan = timetable->plan,
		.timetable = timetable,
		.thread = (uint64_t)thread,
	};
}

bool schedule_is_known(struct schedule *s)
{
	const struct plan *p = s->plan;

	if (s->start_ns)
		return true;
	s->start_ns = atomic_load(&s->timetable->start_ns);
	if (!s->start_ns)
		return false;
	s->counted_ns = s->start_ns + p->warmup_ns;
	s->until_ns = p->requests ? UINT64_MAX : s->counted_ns + p->duration_ns;
	return true;
}

bool schedule_is_interrupted(const struct schedule *s)
{
	return atomic_load_explicit(
		&s->timetable->is_interrupted, memory_order_relaxed);
}

bool schedule_has_begun(const struct schedule *s, uint64_t now_ns)
{
	return s->start_ns && now_ns >= s->start_ns;
}

static bool is_spent(const struct schedule *s)
{
	return s->plan->requests && atomic_load(&s->timetable->left) <= 0;
}

bool schedule_is_over(const struct schedule *s, uint64_t now_ns)
{
	return schedule_is_interrupted(s) ||
	       (schedule_has_begun(s, now_ns) && now_ns >= s->until_ns) ||
	       is_spent(s);
}

/* Nothing is taken from it during the warm-up. */
static bool take_from_budget(struct schedule *s, uint64_t due_ns)
{
	return !s->plan->requests || due_ns < s->counted_ns ||
	       atomic_fetch_sub(&s->timetable->left, 1) > 0;
}

/* Of n threads, each takes every n-th place of one schedule. */
uint64_t schedule_next_ns(const struct schedule *s)
{
	uint64_t place = s->departed * (uint64_t)s->plan->threads + s->thread;

	return s->start_ns + (uint64_t)((double)place * 1e9 / s->plan->rate);
}

bool schedule_is_due(const struct schedule *s, uint64_t now_ns)
{
	uint64_t due_ns = schedule_next_ns(s);

	return !s->is_closed && due_ns <= now_ns && due_ns < s->until_ns &&
	       !schedule_is_interrupted(s) && !is_spent(s);
}

bool schedule_take(
	struct schedule *s, uint64_t now_ns, struct departure *departure)
{
	uint64_t due_ns =
		s->plan->mode == PLAN_OPEN ? schedule_next_ns(s) : now_ns;

	if (s->is_closed || !schedule_has_begun(s, now_ns) ||
		schedule_is_interrupted(s) || due_ns > now_ns ||
		due_ns >= s->until_ns || !take_from_budget(s, due_ns))
		return false;
	*departure = (struct departure){
		.due_ns = due_ns,
		.command = plan_command(s->plan, s->departed++),
	};
	return true;
}

/* How many of this thread's places are due before then. */
static uint64_t due_before(const struct schedule *s, uint64_t moment_ns)
{
	const struct plan *p = s->plan;
	double places = (double)(moment_ns - s->start_ns) * p->rate / 1e9;
	double own = (places - (double)s->thread) / (double)p->threads;

	return own > 0 ? (uint64_t)ceil(own) : 0;
}

uint64_t schedule_unsent(const struct schedule *s, uint64_t stopped_ns)
{
	uint64_t until_ns = s->until_ns, due, gone;

	if (s->plan->mode != PLAN_OPEN || s->plan->requests || !s->start_ns)
		return 0;
	if (schedule_is_interrupted(s) && stopped_ns < until_ns)
		until_ns = stopped_ns;
	if (until_ns <= s->counted_ns)
		return 0;
	due = due_before(s, until_ns);
	gone = due_before(s, s->counted_ns);
	if (gone < s->departed)
		gone = s->departed;
	return due > gone ? due - gone : 0;
}
