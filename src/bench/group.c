// SPDX-License-Identifier: MIT
#include "bench/group.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bench/connection.h"
#include "bench/ending.h"

enum {
	OPENING_MAX = 64, /* at a time: a server's queue is limited */
	TICK_MS = 10,     /* how soon a change of the run is noticed */
	SWEEP_MS = 100,
};

static const uint64_t ms_ns = 1000000;

static struct connection *first_idle(const struct group *g)
{
	struct ring *link = ring_first(&g->idle);

	return link ? (struct connection *)((char *)link -
					    offsetof(struct connection, idle))
		    : NULL;
}

static size_t share_of(const struct plan *p, long thread)
{
	return (size_t)(p->connections / p->threads +
			(thread < p->connections % p->threads));
}

int group_init(struct group *g, struct timetable *timetable, long thread)
{
	struct loop *loop = loop_open();

	if (!loop)
		return -errno;
	g->count = g->alive = share_of(timetable->plan, thread);
	g->connections = calloc(g->count + 1, sizeof(*g->connections));
	if (!g->connections) {
		loop_close(loop);
		return -ENOMEM;
	}
	connection_share(&g->context, timetable, thread, g->count);
	g->context.loop = loop;
	ring_init(&g->idle);
	return 0;
}

void group_free(struct group *g)
{
	loop_close(g->context.loop);
	free(g->connections);
	g->context.loop = NULL;
	g->connections = NULL;
}

bool group_must_stop(const struct group *g)
{
	return g->error || schedule_is_interrupted(&g->context.schedule);
}

bool group_has_begun(const struct group *g)
{
	return schedule_has_begun(&g->context.schedule, clock_ns());
}

static bool shakes_hands(const struct group *g)
{
	return context_shakes_hands(&g->context);
}

/* Its source address: all connections of the run take them in turn. NULL: the
 * system's choice. */
static const struct addrinfo *source_of(
	const struct group *g, const struct connection *c)
{
	const struct plan *p = g->context.plan;
	size_t place = (size_t)(c - g->connections) * (size_t)p->threads +
		       (size_t)g->context.schedule.thread;

	return p->from_count ? p->from[place % p->from_count] : NULL;
}

/* In handshakes mode, the next sweep tries again. */
static void note_failed(struct group *g, struct connection *c)
{
	ring_remove(&c->idle);
	g->alive -= !shakes_hands(g);
}

static void open_one(struct group *g, struct connection *c)
{
	uint64_t now = clock_ns();
	struct departure unused;

	if (shakes_hands(g) &&
		!schedule_take(&g->context.schedule, now, &unused))
		return;
	if (connection_open(&g->context, c, source_of(g, c), now) ==
		OUTCOME_FAILED)
		note_failed(g, c);
}

/* Handshakes all begin at the start, since they are what is measured. */
void group_open(struct group *g)
{
	bool shakes = shakes_hands(g);

	if (shakes && !group_has_begun(g))
		return;
	while (g->tried < g->count &&
		(shakes || context_openings(&g->context) < OPENING_MAX) &&
		!schedule_is_interrupted(&g->context.schedule))
		open_one(g, &g->connections[g->tried++]);
}

bool group_is_opening(const struct group *g)
{
	return context_openings(&g->context) || g->tried < g->count;
}

/*
 * In a closed loop, a free connection is asked at once. In an open loop, what
 * is due next goes to the connection that has been free longest, so that one
 * slow reply does not hold up the schedule.
 */
static void act(struct group *g, struct connection *c, enum outcome outcome)
{
	if (outcome == OUTCOME_FREE && g->context.plan->mode == PLAN_CLOSED)
		outcome = connection_ask(&g->context, c, SESSION_DEPTH_MAX);
	switch (outcome) {
	case OUTCOME_BUSY:
		break;
	case OUTCOME_FREE:
		if (!ring_is_in(&c->idle))
			ring_add(&g->idle, &c->idle);
		break;
	case OUTCOME_CLOSED:
		ring_remove(&c->idle);
		if (shakes_hands(g))
			open_one(g, c);
		break;
	case OUTCOME_FAILED:
		note_failed(g, c);
		break;
	}
}

void group_keep_schedule(struct group *g)
{
	uint64_t now = clock_ns();
	struct connection *c;

	if (g->context.plan->mode != PLAN_OPEN ||
		!schedule_has_begun(&g->context.schedule, now))
		return;
	while ((c = first_idle(g)) &&
		schedule_is_due(&g->context.schedule, now)) {
		ring_remove(&c->idle);
		act(g, c, connection_ask(&g->context, c, 1));
	}
}

static void end_silences(struct group *g, uint64_t now_ns)
{
	struct connection *c;
	uint64_t over_ns;

	while ((c = connection_first_silent(&g->context, &over_ns)) &&
		over_ns <= now_ns)
		act(g, c, connection_end_silence(&g->context, c));
}

static void sweep(struct group *g, uint64_t now_ns)
{
	if (now_ns < g->sweep_ns)
		return;
	g->sweep_ns = now_ns + SWEEP_MS * ms_ns;
	for (size_t i = 0; i < g->tried; i++) {
		struct connection *c = &g->connections[i];

		act(g, c,
			connection_check(
				&g->context, c, now_ns, g->pause.ended_ns));
		if (shakes_hands(g) && c->stage == STAGE_NONE)
			open_one(g, c);
	}
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When something must be done even if nothing arrives. */
static uint64_t next_moment(const struct group *g, uint64_t now_ns)
{
	const struct schedule *s = &g->context.schedule;
	uint64_t moment = now_ns + TICK_MS * ms_ns, over_ns;

	if (g->pause.looks)
		return now_ns;
	if (!s->start_ns)
		return now_ns + ms_ns;
	if (s->start_ns > now_ns)
		return s->start_ns;
	if (connection_first_silent(&g->context, &over_ns))
		moment = earliest(moment, over_ns);
	if (ring_first(&g->idle) && !s->is_closed)
		moment = earliest(moment, schedule_next_ns(s));
	return moment;
}

/* Milliseconds are exact enough for everything but a schedule. */
static int wait_for_turns(struct group *g, uint64_t moment, uint64_t now_ns)
{
	struct loop *loop = g->context.loop;

	if (g->context.plan->mode == PLAN_OPEN ||
		!schedule_has_begun(&g->context.schedule, now_ns))
		return loop_wait_until(loop, moment);
	return loop_wait(loop,
		moment > now_ns ? (int)((moment - now_ns) / ms_ns + 1) : 0);
}

void group_step(struct group *g)
{
	struct watch *ready;
	uint64_t now = clock_ns(), moment = next_moment(g, now);
	uint64_t asked = moment > now ? moment - now : 0;
	int n = wait_for_turns(g, moment, now);

	pause_woke(&g->pause, clock_ns(), asked, g->count);
	if (n < 0)
		g->error = n;
	while ((ready = loop_next(g->context.loop))) {
		struct connection *c = (struct connection *)ready;

		act(g, c, connection_ready(&g->context, c));
	}
	group_keep_schedule(g);
	/* Judged as of the wake: if the thread has stood still since then,
	 * the next wake will show it. */
	if (pause_is_over(&g->pause, asked, n)) {
		end_silences(g, g->pause.woke_ns);
		sweep(g, g->pause.woke_ns);
	}
	group_open(g);
}

void group_begin(struct group *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->connections[i].stage == STAGE_OPEN)
			act(g, &g->connections[i], OUTCOME_FREE);
	group_open(g);
}

void group_leave(struct group *g)
{
	for (size_t i = 0; i < g->count; i++) {
		struct connection *c = &g->connections[i];

		if (c->stage == STAGE_OPEN)
			act(g, c, connection_leave(&g->context, c));
	}
}

void group_drop(struct group *g)
{
	for (size_t i = 0; i < g->count; i++)
		ending_drop(&g->context, &g->connections[i]);
}
