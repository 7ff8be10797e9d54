// SPDX-License-Identifier: MIT
#include "bench/driver.h"

#include "base/clock.h"
#include "base/os.h"

enum { REPLIES_MS = 200 }; /* at the end, for requests in flight */

static const uint64_t ms_ns = 1000000;

/* Returns when the run begins: all connections of all threads have been opened
 * or have failed. */
static void open_all(struct driver *d)
{
	struct group *g = &d->group;
	struct schedule *s = &g->context.schedule;

	if (!context_shakes_hands(&g->context))
		do {
			group_open(g);
			group_step(g);
		} while (group_is_opening(g) && !group_must_stop(g));
	atomic_fetch_add(&d->run->opened, 1);
	while (!schedule_is_known(s) && !group_must_stop(g))
		group_step(g);
	score_begin(&g->context.score, s->counted_ns);
	while (!group_has_begun(g) && !group_must_stop(g))
		group_step(g);
}

/* Is a reply awaited, or in handshakes mode the end of a session? */
static bool is_awaited(const struct driver *d)
{
	const struct context *x = &d->group.context;

	return context_shakes_hands(x) ? context_sockets(x) : x->under_way;
}

static void run_all(struct driver *d)
{
	struct group *g = &d->group;
	struct schedule *s = &g->context.schedule;
	uint64_t cpu = os_thread_worked_ns(), begun = clock_ns();

	g->pause.stood_ns = 0; /* from here it matters */
	group_begin(g);
	while (!schedule_is_over(s, clock_ns()) && g->alive && !g->error)
		group_step(g);
	/* A thread that woke late still has to send what was due before. */
	group_keep_schedule(g);
	s->is_closed = true;
	while (is_awaited(d) && !group_must_stop(g))
		group_step(g);
	d->cpu_ns = os_thread_worked_ns() - cpu;
	d->stopped_ns = clock_ns();
	d->stood_ns = g->pause.stood_ns;
	d->ran_ns = d->stopped_ns - begun;
}

/*
 * A server that tells messages apart by time, as the original does, takes what
 * it reads at once for one request. So END must not directly follow a request:
 * the reply is awaited first, unless it takes too long.
 */
static void await_replies(struct driver *d)
{
	struct group *g = &d->group;
	const struct context *x = &g->context;
	uint64_t until = clock_ns() + REPLIES_MS * ms_ns;

	if (!exchanges[x->plan->exchange]->patience[ROLE_SERVER])
		return;
	while (x->under_way && clock_ns() < until && !g->error)
		group_step(g);
}

static void leave_all(struct driver *d)
{
	struct group *g = &d->group;

	await_replies(d);
	if (!group_must_stop(g))
		group_leave(g);
	while (context_sockets(&g->context) && !group_must_stop(g))
		group_step(g);
	group_drop(g);
}

void driver_run(struct driver *d)
{
	struct context *x = &d->group.context;

	open_all(d);
	run_all(d);
	tally_count(&x->score.tally, TALLY_UNSENT,
		schedule_unsent(&x->schedule, d->stopped_ns));
	leave_all(d);
	atomic_fetch_add(&d->run->finished, 1);
}

static void *driver_main(void *argument)
{
	os_exact_timers(); /* a schedule is kept to the microsecond */
	driver_run(argument);
	return NULL;
}

int driver_init(struct driver *d, struct run *run, long index)
{
	d->run = run;
	return group_init(&d->group, &run->timetable, index);
}

int driver_start(struct driver *d, struct run *run, long index)
{
	int error = driver_init(d, run, index);

	if (error)
		return error;
	error = -pthread_create(&d->thread, NULL, driver_main, d);
	if (error)
		group_free(&d->group);
	return error;
}

void driver_join(struct driver *d)
{
	pthread_join(d->thread, NULL);
	group_free(&d->group);
}
