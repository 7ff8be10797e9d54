// SPDX-License-Identifier: MIT
/*
 * What starts, watches and sums up the threads, with threads that are none:
 * each says at once what it is told to have done.
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

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
static int start_error;    /* of the last thread */
static bool opens_late;    /* in the sixth wait */
static unsigned rest_ms;   /* that each wait takes; 0: as long as asked */
static unsigned last_wait; /* in which they end */
static unsigned steady;    /* requests of each thread in each wait */
static bool ends_at_once;  /* otherwise in the third wait after the start */
static unsigned waits, started, joined;
static uint64_t start_ns; /* as the threads were told */
static int signals_to_come;

static void do_some(struct driver *d, unsigned n)
{
	enum tally_time which =
		plan.mode == PLAN_HANDSHAKES ? TALLY_EXCHANGE : TALLY_REQUEST;

	while (n--)
		histogram_record(
			&d->group.context.score.tally.times[which], MS);
}

static void end_one(struct driver *d)
{
	const struct done *what = &done[d->group.context.schedule.thread];
	uint64_t begun = shared->timetable.start_ns + plan.warmup_ns;
	struct score *score = &d->group.context.score;

	do_some(d, what->requests);
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
	tally_count(&d->group.context.score.tally, TALLY_CONNECTED, 1);
	run->opened += !opens_late;
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
	fake.now_ns += (rest_ms ? rest_ms : ms) * (uint64_t)MS;
	while (signals_to_come) {
		signals_to_come--;
		raise(SIGINT);
	}
	assert_true(++waits < 1000);
	if (opens_late && waits <= 6) {
		if (waits == 6)
			shared->opened = THREADS;
		return;
	}
	/* They begin together, and know when, before any has ended. */
	start_ns = shared->timetable.start_ns;
	assert_true(start_ns > 0);
	for (unsigned i = 0; i < started; i++)
		do_some(drivers[i], steady);
	if (waits == last_wait || shared->timetable.is_interrupted)
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
	ends_at_once = opens_late = false;
	rest_ms = steady = 0;
	last_wait = 3;
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

/* Makes a run whose standard error is this; what the other end reads. */
static const char *shown_on(int fd, int reader)
{
	static char text[8192];
	int saved = dup(STDERR_FILENO), error;
	size_t length = 0;
	ssize_t n;

	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	error = run_plan(&plan, &result);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(fd);
	assert_int_equal(error, 0);
	while ((n = read(reader, text + length, sizeof(text) - length)) > 0)
		length += (size_t)n;
	assert_true(length < sizeof(text));
	text[length] = '\0';
	close(reader);
	return text;
}

static const char *shown_on_a_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), terminal;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	return shown_on(terminal, master);
}

static void a_terminal_is_shown_how_far_it_is(void **state)
{
	const char *text;

	(void)state;
	opens_late = true;
	rest_ms = 501;
	last_wait = 12;
	plan.warmup_ns = S;
	plan.duration_ns = 3ull * S;
	text = shown_on_a_terminal();
	text = strstr(text, "connecting: 3 of 6 ");
	assert_non_null(text);
	text = strstr(text, "warming up ");
	assert_non_null(text);
	text = strstr(text, "3 s left, 0 requests/s, p99 so far 0.000 ms ");
	assert_non_null(text);
	text = strstr(text, "2 s left, 0 requests/s");
	assert_non_null(text);
	text = strstr(text, "s left, 599 requests/s, p99 so far 1.0");
	assert_non_null(text);
	/* The line is empty at the end. */
	text = strrchr(text, ' ');
	assert_string_equal(text, " \r");
}

static void requests_are_counted_down(void **state)
{
	(void)state;
	rest_ms = 501;
	plan.requests = 400;
	assert_non_null(
		strstr(shown_on_a_terminal(), "400 left, 0 requests/s"));
	set_up(NULL);
	rest_ms = 501;
	plan.requests = 400;
	assert_non_null(
		strstr(shown_on_a_terminal(), "100 left, 599 requests/s"));
}

static void handshakes_are_called_so(void **state)
{
	(void)state;
	rest_ms = 500;
	steady = 10;
	plan.mode = PLAN_HANDSHAKES;
	assert_non_null(strstr(shown_on_a_terminal(), " 60 handshakes/s"));
}

static void the_speed_is_that_of_the_last_moments(void **state)
{
	const char *text;

	(void)state;
	rest_ms = 500;
	steady = 10;
	last_wait = 5; /* the first and the last line are others */
	text = shown_on_a_terminal();
	for (int i = 0; i < 2 * 3; i++) {
		text = strstr(text, " 60 requests/s");
		assert_non_null(text);
		text++;
	}
}

static void less_than_nothing_is_never_left(void **state)
{
	const char *text;

	(void)state;
	rest_ms = 1000;
	last_wait = 5; /* and 2 s it was to take */
	text = shown_on_a_terminal();
	assert_non_null(strstr(text, "\r0 s left"));
	assert_null(strstr(text, "18446744"));
	set_up(NULL);
	rest_ms = 501;
	plan.requests = 200;
	assert_non_null(strstr(shown_on_a_terminal(), "\r0 left"));
}

static void progress_is_shown_twice_a_second_at_most(void **state)
{
	const char *text;
	unsigned lines = 0;

	(void)state;
	rest_ms = 100;
	last_wait = 16; /* so it takes 1.6 s */
	text = shown_on_a_terminal();
	/* A line is written twice, for its end and for its beginning. */
	while ((text = strstr(text, "left"))) {
		text++;
		lines++;
	}
	assert_in_range(lines, 2 * 3, 2 * 4);
}

static void nothing_is_shown_where_there_is_no_terminal(void **state)
{
	int ends[2];

	(void)state;
	rest_ms = 501;
	assert_int_equal(pipe(ends), 0);
	assert_string_equal(shown_on(ends[1], ends[0]), "");
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
		RUN(a_terminal_is_shown_how_far_it_is),
		RUN(requests_are_counted_down),
		RUN(handshakes_are_called_so),
		RUN(the_speed_is_that_of_the_last_moments),
		RUN(less_than_nothing_is_never_left),
		RUN(progress_is_shown_twice_a_second_at_most),
		RUN(nothing_is_shown_where_there_is_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
