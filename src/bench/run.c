// SPDX-License-Identifier: MIT
#include "bench/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/os.h"
#include "base/os_signals.h"
#include "bench/driver.h"
#include "bench/progress.h"
#include "lib/status.h"
#include "proto/recover.h"
#include "terminal/terminal.h"

enum { PROGRESS_MS = 500, PROGRESS_BYTES = 60 };

static const uint64_t ms_ns = 1000000;

/* Everything that a run needs while it lasts. */
struct bench {
	struct run run;
	const struct plan *plan;
	struct driver *drivers;
	long started; /* how many of them */
	bool shows_progress;
	uint64_t shown_ns;   /* when progress was shown last */
	uint64_t shown_done; /* how much was done then */
	struct tally so_far;
};

static void sum_up(const struct bench *b, struct tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (long i = 0; i < b->started; i++)
		tally_add(sum, &b->drivers[i].group.context.score.tally);
}

/* "12 s left", or the number of requests that are left. */
static void say_left(const struct bench *b, uint64_t now, char *text, size_t n)
{
	uint64_t start = atomic_load(&b->run.timetable.start_ns);
	uint64_t end = start + b->plan->warmup_ns + b->plan->duration_ns;
	long left = atomic_load(&b->run.timetable.left);

	if (b->plan->requests)
		snprintf(text, n, "%ld left", left > 0 ? left : 0);
	else
		snprintf(text, n, "%.0f s left",
			end > now ? (double)(end - now) / 1e9 : 0);
}

static void show_speed(const struct bench *b, uint64_t now, uint64_t done,
	const struct histogram *h)
{
	bool shakes = b->plan->mode == PLAN_HANDSHAKES;
	char left[PROGRESS_BYTES], speed[PROGRESS_BYTES], p99[PROGRESS_BYTES];

	say_left(b, now, left, sizeof(left));
	snprintf(speed, sizeof(speed), "%.0f %s/s",
		(double)(done - b->shown_done) * 1e9 /
			(double)(now - b->shown_ns),
		shakes ? "handshakes" : "requests");
	snprintf(p99, sizeof(p99), "p99 so far %.3f ms",
		(double)histogram_at(h, 0.99) / 1e6);
	progress_show(
		STDERR_FILENO, 3, (const char *const[]){ left, speed, p99 });
}

/* Before the first counted request. */
static void show_beginning(const struct bench *b, bool has_started)
{
	char text[PROGRESS_BYTES] = "warming up";
	const char *const part = text;

	if (!has_started)
		snprintf(text, sizeof(text), "connecting: %llu of %ld",
			(unsigned long long)tally_counted(
				&b->so_far, TALLY_CONNECTED),
			b->plan->connections);
	progress_show(STDERR_FILENO, 1, &part);
}

/* Overwrites one line, on a terminal only. */
static void show_progress(struct bench *b)
{
	const struct histogram *times = b->so_far.times;
	bool shakes = b->plan->mode == PLAN_HANDSHAKES;
	const struct histogram *h =
		&times[shakes ? TALLY_EXCHANGE : TALLY_REQUEST];
	uint64_t now = clock_ns(),
		 start = atomic_load(&b->run.timetable.start_ns);
	uint64_t done;

	if (!b->shows_progress || now - b->shown_ns < PROGRESS_MS * ms_ns)
		return;
	sum_up(b, &b->so_far);
	done = histogram_total(h);
	if (!start || now < start + b->plan->warmup_ns)
		show_beginning(b, start);
	else
		show_speed(b, now, done, h);
	b->shown_ns = now;
	b->shown_done = done;
}

static void clear_progress(const struct bench *b)
{
	if (b->shows_progress)
		progress_show(STDERR_FILENO, 0, NULL);
}

/*
 * These would end the process before the sessions have sent END. One that is
 * ignored, as after nohup(1), stays ignored.
 */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM,
	SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM, SIGPROF };
static volatile sig_atomic_t was_told_to_end;

static void end_early(int number)
{
	(void)number;
	if (was_told_to_end)
		_Exit(STATUS_INTERRUPTED);
	was_told_to_end = 1;
}

static void catch_signals(void)
{
	was_told_to_end = 0;
	for (size_t i = 0; i < COUNT_OF(ending); i++)
		if (os_signals_is_default(ending[i]))
			os_signals_catch(ending[i], end_early);
}

static void reset_signals(void)
{
	for (size_t i = 0; i < COUNT_OF(ending); i++)
		os_signals_reset(ending[i]);
}

/* Waits a moment, or until a signal comes. */
static void rest(struct bench *b, unsigned ms)
{
	os_rest_ms(ms);
	if (was_told_to_end)
		atomic_store(&b->run.timetable.is_interrupted, true);
}

/*
 * All threads start asking at the same moment, which is long enough after the
 * last flight that the original does not take a request for a part of it.
 */
static void watch_over(struct bench *b)
{
	while (atomic_load(&b->run.opened) < b->started) {
		rest(b, 1);
		show_progress(b);
	}
	atomic_store(&b->run.timetable.start_ns,
		clock_ns() + (uint64_t)RECOVER_REPLY_MS * ms_ns);
	while (atomic_load(&b->run.finished) < b->started) {
		rest(b, 5);
		show_progress(b);
	}
	clear_progress(b);
}

static int start_all(struct bench *b)
{
	int error = 0;

	for (long i = 0; i < b->plan->threads && !error; i++) {
		error = driver_start(&b->drivers[i], &b->run, i);
		b->started += !error;
	}
	if (error)
		atomic_store(&b->run.timetable.is_interrupted, true);
	return error;
}

/*
 * From the first counted request to the last reply, or to the end of the
 * duration if that is later and connections remained until then.
 */
static double seconds_counted(const struct bench *b)
{
	uint64_t begun =
		atomic_load(&b->run.timetable.start_ns) + b->plan->warmup_ns;
	uint64_t ended = begun;

	for (long i = 0; i < b->started; i++) {
		const struct driver *d = &b->drivers[i];
		uint64_t until = d->group.context.schedule.until_ns;

		if (until > d->stopped_ns)
			until = d->stopped_ns;
		if (d->group.context.score.ended_ns > ended)
			ended = d->group.context.score.ended_ns;
		if (!b->plan->requests && until > ended)
			ended = until;
	}
	return (double)(ended - begun) / 1e9;
}

static int conclude(struct bench *b, struct result *r)
{
	long left = atomic_load(&b->run.timetable.left);
	int error = 0;

	for (long i = 0; i < b->started; i++) {
		struct driver *d = &b->drivers[i];
		double share;

		driver_join(d);
		share = d->ran_ns ? (double)d->cpu_ns / (double)d->ran_ns : 0;
		/* The two clocks do not tick at the same moment. */
		if (share > 1)
			share = 1;
		if (r->stood < (double)d->stood_ns / 1e9)
			r->stood = (double)d->stood_ns / 1e9;
		if (share > r->busiest)
			r->busiest = share;
		r->remained += d->group.alive;
		if (d->group.error)
			error = d->group.error;
	}
	sum_up(b, &r->tally);
	r->seconds = seconds_counted(b);
	r->was_interrupted = atomic_load(&b->run.timetable.is_interrupted);
	if (!r->was_interrupted && left > 0)
		r->never_left = (uint64_t)left;
	return error;
}

int run_plan(const struct plan *plan, struct result *result)
{
	struct bench *b = calloc(1, sizeof(*b));
	int error, late_error = 0;

	if (!b)
		return -ENOMEM;
	b->drivers = calloc((size_t)plan->threads, sizeof(*b->drivers));
	if (!b->drivers) {
		free(b);
		return -ENOMEM;
	}
	b->plan = b->run.timetable.plan = plan;
	b->run.timetable.left = plan->requests;
	b->shows_progress = terminal_is(STDERR_FILENO);
	catch_signals();
	os_signals_hold();
	error = start_all(b);
	os_signals_release();
	watch_over(b);
	late_error = conclude(b, result);
	reset_signals();
	free(b->drivers);
	free(b);
	return error ? error : late_error;
}
