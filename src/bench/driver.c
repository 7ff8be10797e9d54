// SPDX-License-Identifier: MIT
#include "bench/driver.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "bench/connection.h"
#include "proto/recover.h"

enum {
	OPENING_MAX = 64, /* at a time: a server's queue has a length */
	TICK_MS = 10,     /* how soon a change of the run is noticed */
	SWEEP_MS = 100,
	REPLIES_MS = 200, /* at the end, for those still under way */
	LEAVE_MS = 2000,
};

static const uint64_t ms_ns = 1000000;

/* The connection whose link, at this place of it, is the list's first. */
static struct connection *first_of(const struct ring *list, size_t place)
{
	struct ring *link = ring_first(list);

	return link ? (struct connection *)((char *)link - place) : NULL;
}

static struct connection *first_idle(const struct driver *d)
{
	return first_of(&d->idle, offsetof(struct connection, idle));
}

static struct connection *first_silent(const struct driver *d)
{
	return first_of(&d->silent, offsetof(struct connection, silent));
}

static uint64_t cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool is_interrupted(const struct driver *d)
{
	return atomic_load_explicit(
		&d->run->is_interrupted, memory_order_relaxed);
}

static bool must_stop(const struct driver *d)
{
	return d->error || is_interrupted(d);
}

static bool has_begun(const struct driver *d, uint64_t now_ns)
{
	return d->start_ns && now_ns >= d->start_ns;
}

static bool is_spent(const struct driver *d)
{
	return d->plan->requests && atomic_load(&d->run->left) <= 0;
}

/* Nothing more becomes due. */
static bool is_over(const struct driver *d, uint64_t now_ns)
{
	return is_interrupted(d) ||
	       (has_begun(d, now_ns) && now_ns >= d->until_ns) || is_spent(d);
}

/* One of so many requests or handshakes; those of the warm-up are free. */
static bool take_from_budget(struct driver *d, uint64_t due_ns)
{
	return !d->plan->requests || due_ns < d->counted_ns ||
	       atomic_fetch_sub(&d->run->left, 1) > 0;
}

/* All threads together keep one schedule: each takes every so many-th. */
static uint64_t next_due(const struct driver *d)
{
	double place = (double)(d->scheduled * (uint64_t)d->plan->threads) +
		       (double)d->index;

	return d->start_ns + (uint64_t)(place * 1e9 / d->plan->rate);
}

bool driver_next(struct driver *d, uint64_t now_ns, uint64_t *due_ns)
{
	uint64_t due = d->plan->mode == PLAN_OPEN ? next_due(d) : now_ns;

	if (!has_begun(d, now_ns) || is_interrupted(d) || due > now_ns ||
		due >= d->until_ns || !take_from_budget(d, due))
		return false;
	d->scheduled++;
	*due_ns = due;
	return true;
}

enum command driver_command(struct driver *d)
{
	static const enum command commands[] = {
		[PLAN_TIME] = COMMAND_TIME,
		[PLAN_DATE] = COMMAND_DATE,
		[PLAN_TEMP] = COMMAND_TEMP,
	};

	return commands[d->plan->command == PLAN_MIX ? (int)(d->turn++ % 3)
						     : d->plan->command];
}

/*
 * Closed loop: it asks at once. Open loop: whoever was free longest asks what
 * is due next, so that one slow reply does not hold up the schedule.
 */
void driver_free(struct driver *d, struct connection *c)
{
	if (d->plan->mode == PLAN_CLOSED) {
		connection_ask(d, c, SESSION_DEPTH_MAX);
	} else if (!ring_is_in(&c->idle)) {
		ring_add(&d->idle, &c->idle);
	}
}

/* Something can leave; even after the end, if it was due before. */
static bool is_due(const struct driver *d, uint64_t now_ns)
{
	uint64_t due = next_due(d);

	return due <= now_ns && due < d->until_ns && !is_interrupted(d) &&
	       !is_spent(d);
}

static void keep_schedule(struct driver *d, uint64_t now_ns)
{
	struct connection *c;

	while (!d->is_closing && (c = first_idle(d)) && is_due(d, now_ns)) {
		ring_remove(&c->idle);
		connection_ask(d, c, 1);
		if (c->stage == STAGE_OPEN &&
			c->count < (unsigned)d->plan->depth)
			driver_free(d, c);
	}
}

static size_t index_of(const struct driver *d, const struct connection *c)
{
	return (size_t)(c - d->connections) * (size_t)d->plan->threads +
	       (size_t)d->index;
}

static void open_one(struct driver *d, struct connection *c)
{
	uint64_t now = clock_ns();

	if (d->plan->mode == PLAN_HANDSHAKES &&
		(!has_begun(d, now) || is_over(d, now) ||
			!take_from_budget(d, now)))
		return;
	connection_open(d, c, index_of(d, c), now);
}

void driver_closed(struct driver *d, struct connection *c, bool failed)
{
	if (d->plan->mode != PLAN_HANDSHAKES)
		d->alive -= failed;
	else if (!failed)
		open_one(d, c);
	/* After a failure the next try waits for the next sweep. */
}

/* Handshakes are all begun at the start: that is what is measured. */
static void open_some(struct driver *d)
{
	bool shakes = d->plan->mode == PLAN_HANDSHAKES;

	if (shakes && !has_begun(d, clock_ns()))
		return;
	while (d->tried < d->count && (shakes || d->opening < OPENING_MAX) &&
		!is_interrupted(d))
		open_one(d, &d->connections[d->tried++]);
}

/* A reply that nothing more came to for so long is whole. */
static void end_silences(struct driver *d, uint64_t now_ns)
{
	uint64_t span = (uint64_t)RECOVER_REPLY_MS * ms_ns;
	struct connection *c;

	while ((c = first_silent(d))) {
		if (c->received_ns + span > now_ns)
			break;
		ring_remove(&c->silent);
		connection_late(d, c);
	}
}

static void sweep(struct driver *d, uint64_t now_ns)
{
	if (now_ns < d->sweep_ns)
		return;
	d->sweep_ns = now_ns + SWEEP_MS * ms_ns;
	for (size_t i = 0; i < d->tried; i++) {
		struct connection *c = &d->connections[i];

		connection_check(d, c, now_ns);
		if (d->plan->mode == PLAN_HANDSHAKES && c->stage == STAGE_NONE)
			open_one(d, c);
	}
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When something is to be done even if nothing comes. */
static uint64_t next_moment(const struct driver *d, uint64_t now_ns)
{
	struct connection *c = first_silent(d);
	uint64_t moment = now_ns + TICK_MS * ms_ns;

	if (d->pause.looks)
		return now_ns;
	if (!d->start_ns)
		return now_ns + ms_ns;
	if (d->start_ns > now_ns)
		return d->start_ns;
	if (c)
		moment = earliest(moment,
			c->received_ns + (uint64_t)RECOVER_REPLY_MS * ms_ns);
	if (ring_first(&d->idle) && !d->is_closing)
		moment = earliest(moment, next_due(d));
	return moment;
}

/* Milliseconds will do for all but a schedule. */
static int wait_until(struct driver *d, uint64_t moment, uint64_t now_ns)
{
	if (d->plan->mode == PLAN_OPEN || !has_begun(d, now_ns))
		return loop_wait_until(d->loop, moment);
	return loop_wait(d->loop,
		moment > now_ns ? (int)((moment - now_ns) / ms_ns + 1) : 0);
}

static void step(struct driver *d)
{
	struct watch *ready;
	uint64_t now = clock_ns(), moment = next_moment(d, now);
	uint64_t asked = moment > now ? moment - now : 0;
	int n = wait_until(d, moment, now);

	pause_woke(&d->pause, clock_ns(), asked, d->count);
	if (n < 0)
		d->error = n;
	while ((ready = loop_next(d->loop)))
		connection_ready(d, (struct connection *)ready);
	now = clock_ns();
	if (d->plan->mode == PLAN_OPEN && has_begun(d, now))
		keep_schedule(d, now);
	/* As of the wake: whatever stood still since then is found out by the
	 * next one. */
	if (pause_is_over(&d->pause, asked, n)) {
		end_silences(d, d->pause.woke_ns);
		sweep(d, d->pause.woke_ns);
	}
	open_some(d);
}

/* Until every connection is open or has failed, and all others' are. */
static void open_all(struct driver *d)
{
	if (d->plan->mode != PLAN_HANDSHAKES)
		do {
			open_some(d);
			step(d);
		} while ((d->opening || d->tried < d->count) && !must_stop(d));
	atomic_fetch_add(&d->run->opened, 1);
	while (!(d->start_ns = atomic_load(&d->run->start_ns)) && !must_stop(d))
		step(d);
}

static void settle_times(struct driver *d)
{
	const struct plan *p = d->plan;

	d->counted_ns = d->start_ns + p->warmup_ns;
	d->until_ns = p->requests ? UINT64_MAX : d->counted_ns + p->duration_ns;
	d->ended_ns = d->counted_ns;
}

static bool is_awaited(const struct driver *d)
{
	return d->plan->mode == PLAN_HANDSHAKES ? d->sockets : d->under_way;
}

static void run_all(struct driver *d)
{
	uint64_t cpu, begun;

	while (!has_begun(d, clock_ns()) && !must_stop(d))
		step(d);
	d->pause.stood_ns = 0; /* from here it matters */
	cpu = cpu_now();
	begun = clock_ns();
	if (d->plan->mode == PLAN_CLOSED)
		for (size_t i = 0; i < d->count; i++)
			if (d->connections[i].stage == STAGE_OPEN)
				driver_free(d, &d->connections[i]);
	open_some(d);
	while (!is_over(d, clock_ns()) && d->alive && !d->error)
		step(d);
	/* Who woke up late has yet to send what was due before the end. */
	keep_schedule(d, clock_ns());
	d->is_closing = true;
	while (is_awaited(d) && !must_stop(d))
		step(d);
	d->cpu_ns = cpu_now() - cpu;
	d->stopped_ns = clock_ns();
	d->stood_ns = d->pause.stood_ns;
	d->ran_ns = d->stopped_ns - begun;
}

/* How many of this thread's places in the schedule are due before then. */
static uint64_t due_before(const struct driver *d, uint64_t moment_ns)
{
	double places = (double)(moment_ns - d->start_ns) * d->plan->rate / 1e9;
	double own = (places - (double)d->index) / (double)d->plan->threads;

	return own > 0 ? (uint64_t)ceil(own) : 0;
}

/* What the schedule still held when the time was up. */
static void count_unsent(struct driver *d)
{
	uint64_t until = d->until_ns, due, gone;

	if (d->plan->mode != PLAN_OPEN || d->plan->requests || !d->start_ns)
		return;
	if (is_interrupted(d))
		until = earliest(until, d->stopped_ns);
	if (until <= d->counted_ns)
		return;
	due = due_before(d, until);
	gone = due_before(d, d->counted_ns);
	if (gone < d->scheduled)
		gone = d->scheduled;
	if (due > gone)
		tally_count(&d->tally, TALLY_UNSENT, due - gone);
}

/*
 * The original takes for one request what it reads at once, so END must not
 * follow right behind one: its reply comes first, unless it takes too long.
 */
static void await_replies(struct driver *d)
{
	uint64_t until = clock_ns() + REPLIES_MS * ms_ns;

	if (d->plan->exchange != EXCHANGE_XOR)
		return;
	while (d->under_way && clock_ns() < until && !d->error)
		step(d);
}

static void leave_all(struct driver *d)
{
	uint64_t until;

	await_replies(d);
	until = clock_ns() + LEAVE_MS * ms_ns;
	for (size_t i = 0; i < d->count; i++) {
		struct connection *c = &d->connections[i];

		if (must_stop(d))
			connection_drop(d, c);
		else if (c->stage == STAGE_OPEN)
			connection_leave(d, c);
	}
	while (d->sockets && clock_ns() < until && !must_stop(d))
		step(d);
	for (size_t i = 0; i < d->count; i++)
		connection_drop(d, &d->connections[i]);
}

static void *driver_main(void *argument)
{
	struct driver *d = argument;

#ifdef __linux__
	/* A schedule is kept to the microsecond. */
	prctl(PR_SET_TIMERSLACK, 1UL);
#endif
	open_all(d);
	settle_times(d);
	run_all(d);
	count_unsent(d);
	leave_all(d);
	atomic_fetch_add(&d->run->finished, 1);
	return NULL;
}

static size_t share_of(const struct plan *p, long index)
{
	return (size_t)(p->connections / p->threads +
			(index < p->connections % p->threads));
}

static void release(struct driver *d)
{
	loop_close(d->loop);
	free(d->connections);
	d->loop = NULL;
	d->connections = NULL;
}

int driver_start(struct driver *d, struct run *run, long index)
{
	int error;

	d->run = run;
	d->plan = run->plan;
	d->index = index;
	d->host = connection_host(d->plan);
	d->count = d->alive = share_of(d->plan, index);
	ring_init(&d->idle);
	ring_init(&d->silent);
	d->loop = loop_open();
	error = d->loop ? 0 : -errno;
	d->connections = calloc(d->count + 1, sizeof(*d->connections));
	if (!d->connections)
		error = -ENOMEM;
	if (!error)
		error = -pthread_create(&d->thread, NULL, driver_main, d);
	if (error)
		release(d);
	return error;
}

void driver_join(struct driver *d)
{
	pthread_join(d->thread, NULL);
	release(d);
}
