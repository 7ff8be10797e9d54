// SPDX-License-Identifier: MIT
/*
 * What starts, watches and sums up the threads, with threads that are none:
 * each says at once what it is told to have done.
 */
#include "helper.h"

#include <errno.h>
#include <signal.h>

#include "base/os.h"
#include "bench/driver.h"
#include "bench/run.h"
#include "fakes/fakes.h"

enum { S = 1000000000, MS = 1000000, THREADS = 3 };

/* What a thread has done by the time it has ended. */
static struct done {
	unsigned requests, failures;
	double cpu, stood_s; /* of the time from start to end */
	uint64_t last_ms;    /* the last reply, from the start of the count */
	uint64_t stopped_ms; /* likewise */
	size_t alive;
	int error;
} done[THREADS];

static struct plan plan;
static struct result result;
static struct run *shared;
static struct driver *drivers[THREADS];
static int start_error;   /* of the last thread */
static bool ends_at_once; /* otherwise in the third wait after the start */
static unsigned waits, started, joined;
static uint64_t start_ns; /* as the threads were told */
static int signals_to_come;

static void end_one(struct driver *d)
{
	const struct done *what = &done[d->group.context.schedule.thread];
	uint64_t begun = shared->timetable.start_ns + plan.warmup_ns;
	struct score *score = &d->group.context.score;

	for (unsigned i = 0; i < what->requests; i++)
		histogram_record(&score->tally.times[TALLY_REQUEST], MS);
	tally_count(&score->tally, TALLY_RESET, what->failures);
	score->ended_ns = begun + what->last_ms * MS;
	d->group.context.schedule.until_ns = begun + plan.duration_ns;
	d->stopped_ns = begun + what->stopped_ms * MS;
	d->ran_ns = what->stopped_ms * MS;
	d->cpu_ns = (uint64_t)(what->cpu * (double)d->ran_ns);
	d->stood_ns = (uint64_t)(what->stood_s * S);
	d->group.alive = what->alive;
	d->group.error = what->error;
	shared->timetable.left -= what->requests;
	shared->finished++;
}

int driver_start(struct driver *d, struct run *run, long index)
{
	if (start_error && index == plan.threads - 1)
		return start_error;
	shared = run;
	drivers[started++] = d;
	d->group.context.schedule.thread = (uint64_t)index;
	run->opened++;
	if (ends_at_once)
		end_one(d);
	return 0;
}

void driver_join(struct driver *d)
{
	(void)d;
	joined++;
}

void os_rest_ms(unsigned ms)
{
	fake.now_ns += ms * (uint64_t)MS;
	while (signals_to_come) {
		signals_to_come--;
		raise(SIGINT);
	}
	assert_true(++waits < 1000);
	/* They begin together, and know when, before any has ended. */
	start_ns = shared->timetable.start_ns;
	assert_true(start_ns > 0);
	if (waits == 3 || shared->timetable.is_interrupted)
		for (unsigned i = 0; i < started; i++)
			end_one(drivers[i]);
}

static int set_up(void **state)
{
	fake_begin(state);
	plan = (struct plan){
		.threads = THREADS, .connections = 6, .duration_ns = 2ull * S
	};
	memset(&result, 0, sizeof(result));
	for (int i = 0; i < THREADS; i++)
		done[i] = (struct done){ .requests = 100,
			.alive = 2,
			.last_ms = 1990,
			.stopped_ms = 2000 };
	start_error = signals_to_come = 0;
	ends_at_once = false;
	waits = started = joined = 0;
	return 0;
}

static void all_threads_are_summed_up(void **state)
{
	(void)state;
	done[1].failures = 2;
	done[1].alive = 0;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_int_equal(started, THREADS);
	assert_int_equal(joined, THREADS);
	assert_int_equal(
		histogram_total(&result.tally.times[TALLY_REQUEST]), 300);
	assert_int_equal(tally_failed(&result.tally), 2);
	assert_int_equal(result.remained, 4);
	assert_false(result.was_interrupted);
	assert_int_equal(result.never_left, 0);
}

static void they_start_so_long_after_all_are_open_as_the_original_needs(
	void **state)
{
	uint64_t now_ns = fake.now_ns;

	(void)state;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_int_equal(start_ns, now_ns + 20 * MS);
}

static void the_time_counted_is_all_that_there_was(void **state)
{
	(void)state;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_true(result.seconds == 2.0);
}

static void the_time_counted_goes_on_to_the_last_reply(void **state)
{
	(void)state;
	done[2].last_ms = 2300;
	done[2].stopped_ms = 2310;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_true(result.seconds == 2.3);
}

static void the_time_counted_ends_when_no_connection_remains(void **state)
{
	(void)state;
	for (int i = 0; i < THREADS; i++)
		done[i].last_ms = 700, done[i].stopped_ms = 750;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_true(result.seconds == 0.75);
}

static void of_a_number_of_requests_it_ends_with_the_last_reply(void **state)
{
	(void)state;
	plan.requests = 300;
	for (int i = 0; i < THREADS; i++)
		done[i].last_ms = 700, done[i].stopped_ms = 750;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_true(result.seconds == 0.7);
	assert_int_equal(result.never_left, 0);
}

static void what_nobody_could_ask_any_more_never_left(void **state)
{
	(void)state;
	plan.requests = 350;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_int_equal(result.never_left, 50);
}

static void the_busiest_thread_and_the_longest_stand_are_told(void **state)
{
	(void)state;
	done[0].cpu = 0.25;
	done[1].cpu = 0.5;
	done[2].stood_s = 0.5;
	done[0].stood_s = 0.25;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_true(result.busiest > 0.49 && result.busiest < 0.51);
	assert_true(result.stood > 0.49 && result.stood < 0.51);
}

static void nobody_has_worked_more_than_all_the_time(void **state)
{
	(void)state;
	done[0].cpu = 1.01;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_true(result.busiest == 1);
}

static void an_error_of_one_thread_is_the_runs(void **state)
{
	(void)state;
	done[1].error = -EBADF;
	assert_int_equal(run_plan(&plan, &result), -EBADF);
	assert_int_equal(joined, THREADS);
}

static void a_thread_that_cannot_begin_ends_those_that_have(void **state)
{
	(void)state;
	start_error = -EAGAIN;
	assert_int_equal(run_plan(&plan, &result), -EAGAIN);
	assert_int_equal(started, THREADS - 1);
	assert_int_equal(joined, THREADS - 1);
	assert_true(result.was_interrupted);
}

static void a_signal_interrupts_the_run(void **state)
{
	(void)state;
	plan.requests = 1000;
	signals_to_come = 1;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_true(result.was_interrupted);
	assert_int_equal(waits, 2);
	/* They were not asked, and that is no failure. */
	assert_int_equal(result.never_left, 0);
}

static void afterwards_signals_have_their_own_effect_again(void **state)
{
	struct sigaction now;

	(void)state;
	ends_at_once = true;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_int_equal(waits, 0);
	assert_int_equal(sigaction(SIGINT, NULL, &now), 0);
	assert_ptr_equal(now.sa_handler, SIG_DFL);
}

static void an_ignored_signal_stays_ignored(void **state)
{
	(void)state;
	signal(SIGINT, SIG_IGN);
	signals_to_come = 1;
	assert_int_equal(run_plan(&plan, &result), 0);
	assert_false(result.was_interrupted);
	assert_int_equal(waits, 3);
	signal(SIGINT, SIG_DFL);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, set_up, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(all_threads_are_summed_up),
		RUN(they_start_so_long_after_all_are_open_as_the_original_needs),
		RUN(the_time_counted_is_all_that_there_was),
		RUN(the_time_counted_goes_on_to_the_last_reply),
		RUN(the_time_counted_ends_when_no_connection_remains),
		RUN(of_a_number_of_requests_it_ends_with_the_last_reply),
		RUN(what_nobody_could_ask_any_more_never_left),
		RUN(the_busiest_thread_and_the_longest_stand_are_told),
		RUN(nobody_has_worked_more_than_all_the_time),
		RUN(an_error_of_one_thread_is_the_runs),
		RUN(a_thread_that_cannot_begin_ends_those_that_have),
		RUN(a_signal_interrupts_the_run),
		RUN(afterwards_signals_have_their_own_effect_again),
		RUN(an_ignored_signal_stays_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
