// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "fakes/fakes.h"
#include "server/acceptor.h"
#include "server/signals.h"

enum {
	WORKERS = 3,
	ACCEPT_BATCH = 64,
	PAUSE_MS = 100, /* as acceptor.c has them */
};

static struct worker workers[WORKERS];
static struct worker *all[] = { &workers[0], &workers[1], &workers[2] };
static struct acceptor acceptor;

/* To whom connections were dealt, a digit each; and what that comes to. */
static char dealt[256];
static size_t dealt_count;
static unsigned reloads, reminders, reports;

void mail_deal(struct mailbox *to, int fd, const struct address *peer)
{
	char worker = '0';

	assert_true(fd >= FAKE_FD && peer->port);
	while (to != &workers[worker - '0'].mailbox)
		worker++;
	dealt[dealt_count++] = worker;
}

/* Signals: those that have come, and a pipe for the loop to see them in. */
static bool has_come[NSIG];
static int pipes[2];

static void come(void *number)
{
	has_come[(intptr_t)number] = true;
	assert_int_equal(write(pipes[1], "", 1), 1);
}

/* A signal comes in so many milliseconds. */
static void signal_at(uint64_t ms, int number)
{
	fake_at(ms, come, (void *)(intptr_t)number);
}

void signals_hear(void)
{
	char bytes[512];
	ssize_t n = read(pipes[0], bytes, sizeof(bytes));

	(void)n;
}

bool signals_take(int number)
{
	bool result = has_come[number];

	has_come[number] = false;
	return result;
}

/* Some thread has left out a line. */
static void call(void)
{
	assert_int_equal(write(pipes[1], "", 1), 1);
}

static void reload(struct acceptor *a)
{
	assert_ptr_equal(a, &acceptor);
	reloads++;
}

static void remind(struct acceptor *a)
{
	assert_ptr_equal(a, &acceptor);
	assert_int_equal(a->remind_ns, 0);
	reminders++;
}

static void report(struct acceptor *a)
{
	assert_ptr_equal(a, &acceptor);
	reports++;
}

static int set_up(void **state)
{
	fake_begin(state);
	memset(workers, 0, sizeof(workers));
	memset(has_come, 0, sizeof(has_come));
	dealt_count = 0;
	memset(dealt, 0, sizeof(dealt));
	reloads = reminders = reports = 0;
	fake.listener = FAKE_FD - 1;
	acceptor = (struct acceptor){
		.listener = fake.listener,
		.max_connections = 1000,
		.reload = reload,
		.remind = remind,
		.report = report,
		.workers = all,
		.worker_count = WORKERS,
	};
	peer_log_open(&acceptor.peer_log, NULL, false, call);
	if (pipe(pipes))
		return -1;
	acceptor.signals = pipes[0];
	return 0;
}

static int tear_down(void **state)
{
	close(pipes[0]);
	close(pipes[1]);
	return fake_end(state);
}

/* The next connections, or errors, of the listening socket. */
static void arrive(int times, int result)
{
	assert_in_range(fake.accept_count + times, 0, COUNT_OF(fake.accepts));
	while (times--)
		fake.accepts[fake.accept_count++] = result;
}

/* Serves for so long. */
static void run(uint64_t ms)
{
	signal_at(ms, SIGTERM);
	assert_int_equal(acceptor_run(&acceptor), 0);
}

static unsigned long counted_here(enum counter which)
{
	return counter_read(&acceptor.counters, which);
}

static int closed_sockets(void)
{
	int n = 0;

	for (int i = 0; i < fake.socket_count; i++)
		n += fake.sockets[i]->is_closed;
	return n;
}

static void connections_are_dealt_in_turn(void **state)
{
	(void)state;
	arrive(7, 1);
	run(0);
	assert_string_equal(dealt, "0120120");
	assert_int_equal(counted_here(COUNT_OPENED), 7);
	assert_int_equal(closed_sockets(), 0);
}

static void the_worker_with_the_fewest_gets_the_next(void **state)
{
	(void)state;
	arrive(6, 1);
	run(0);
	for (int i = 0; i < 2; i++)
		counter_add(&workers[1].context.counters, COUNT_CLOSED);
	arrive(4, 1);
	run(0);
	/* Of equals, the next in turn. */
	assert_string_equal(dealt, "012012"
				   "1120");
}

/* Where others give way to newcomers, the number stays as it is. */
static void near_the_limit_one_worker_does_not_get_them_all(void **state)
{
	(void)state;
	acceptor.max_connections = 64;
	arrive(63, 1);
	run(0);
	for (int i = 0; i < 6; i++)
		counter_add(&workers[1].context.counters, COUNT_CLOSED);
	dealt_count = 0;
	memset(dealt, 0, sizeof(dealt));
	arrive(6, 1);
	run(0);
	assert_string_equal(dealt, "012012");
}

/* The workers are about to refuse some. */
static void above_the_limit_they_wait_until_one_has_gone(void **state)
{
	(void)state;
	acceptor.max_connections = 2;
	arrive(4, 1);
	run(50);
	assert_string_equal(dealt, "01");
	assert_int_equal(fake.accepted, 2);
	counter_add(&workers[1].context.counters, COUNT_CLOSED);
	run(50);
	assert_string_equal(dealt, "011");
	assert_int_equal(counted_here(COUNT_OPENED), 3);
	assert_int_equal(closed_sockets(), 0);
}

static void a_flood_does_not_keep_signals_waiting(void **state)
{
	(void)state;
	arrive(COUNT_OF(fake.accepts), 1);
	come((void *)(intptr_t)SIGTERM);
	assert_int_equal(acceptor_run(&acceptor), 0);
	assert_int_equal(dealt_count, ACCEPT_BATCH);
}

/* Whatever it fails with: it waits a little, says so once, and goes on. */
static void accepting_that_fails_is_tried_again(void **state)
{
	static const int errors[] = { EMFILE, ENFILE, ENOMEM, ENOBUFS, EPERM,
		EINVAL };

	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		if (i) {
			tear_down(state);
			set_up(state);
		}
		arrive(5, -errors[i]);
		arrive(2, 1);
		run(5 * PAUSE_MS - 1);
		assert_string_equal(dealt, "");
		assert_int_equal(fake.accepted, 5);
		run(1);
		assert_string_equal(dealt, "01");
		assert_int_equal(fake_logged("Cannot accept connections"), 1);
		assert_int_equal(fake_logged(strerror(errors[i])), 1);
	}
}

static void after_it_has_worked_a_failure_is_logged_anew(void **state)
{
	(void)state;
	arrive(2, -EMFILE);
	arrive(1, 1);
	arrive(2, -EMFILE); /* right after it: still the same shortage */
	run(1000);
	assert_int_equal(fake_logged("Cannot accept connections"), 1);
	arrive(1, -EMFILE);
	arrive(1, 1);
	arrive(1, -EAGAIN); /* all are in */
	arrive(1, -EMFILE);
	run(1000);
	assert_int_equal(fake_logged("Cannot accept connections"), 3);
}

static void a_connection_that_left_holds_up_no_other(void **state)
{
	static const int errors[] = { ECONNABORTED, EPROTO, EINTR };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		arrive(1, 1);
		arrive(3, -errors[i]);
		arrive(1, 1);
	}
	run(0);
	assert_string_equal(dealt, "012012");
	assert_int_equal(fake.log_len, 0);
}

static void nothing_but_such_connections_is_a_failure_too(void **state)
{
	(void)state;
	arrive(ACCEPT_BATCH, -ECONNABORTED);
	arrive(1, 1);
	run(PAUSE_MS - 1);
	assert_string_equal(dealt, "");
	assert_int_equal(fake_logged("Cannot accept connections"), 1);
	run(1);
	assert_string_equal(dealt, "0");
}

static void a_wait_that_fails_is_one_of_those(void **state)
{
	(void)state;
	fake.wait_error = -ENOMEM;
	arrive(3, 1);
	run(PAUSE_MS - 1);
	assert_string_equal(dealt, "");
	assert_int_equal(fake_logged(strerror(ENOMEM)), 1);
	run(1);
	assert_string_equal(dealt, "012");
}

static void however_often_a_signal_came_it_is_handled_once(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		come((void *)(intptr_t)SIGUSR1);
		come((void *)(intptr_t)SIGHUP);
	}
	run(0);
	assert_int_equal(reports, 1);
	assert_int_equal(reloads, 1);
}

static void signals_are_handled_in_a_pause_as_well(void **state)
{
	(void)state;
	signal_at(10, SIGUSR1);
	signal_at(10, SIGHUP);
	run(20);
	assert_int_equal(reports, 1);
	assert_int_equal(reloads, 1);
	assert_int_equal(fake_logged("Sessions:"), 1);
	arrive(1, -EMFILE);
	signal_at(10, SIGUSR1);
	signal_at(10, SIGHUP);
	run(20);
	assert_int_equal(reports, 2);
	assert_int_equal(reloads, 2);
}

static void the_order_to_stop_goes_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		come((void *)(intptr_t)SIGUSR1);
		come((void *)(intptr_t)SIGHUP);
		come((void *)(intptr_t)(i ? SIGINT : SIGTERM));
		assert_int_equal(acceptor_run(&acceptor), 0);
		assert_int_equal(reports, 0);
		assert_int_equal(reloads, 0);
	}
}

static void a_reminder_comes_at_its_time_and_once(void **state)
{
	(void)state;
	acceptor.remind_ns = clock_ns() + 250 * 1000000L;
	run(249);
	assert_int_equal(reminders, 0);
	run(1000);
	assert_int_equal(reminders, 1);
}

static void a_pause_does_not_hold_up_a_reminder(void **state)
{
	(void)state;
	acceptor.remind_ns = clock_ns() + 250 * 1000000L;
	arrive(20, -EMFILE);
	run(250 + PAUSE_MS);
	assert_int_equal(reminders, 1);
}

static void leave_a_line_out(void *unused)
{
	const struct address peer = { .ip = { 192, 0, 2, 1 }, .port = 7 };

	(void)unused;
	for (int i = 0; i <= PEER_LOG_LINES; i++)
		peer_log_say(&acceptor.peer_log, PEER_ENDED, &peer, NULL);
}

/* Nothing else wakes it. */
static void what_workers_left_out_of_the_log_is_reported_in_time(void **state)
{
	(void)state;
	fake_at(5000, leave_a_line_out, NULL);
	run(5999);
	assert_int_equal(fake_logged("Not logged: 1 ended"), 0);
	run(2);
	assert_int_equal(fake_logged("Not logged: 1 ended"), 1);
}

static void a_pause_does_not_hold_up_such_a_report(void **state)
{
	(void)state;
	leave_a_line_out(NULL);
	arrive(20, -EMFILE);
	run(1000 + PAUSE_MS);
	assert_int_equal(fake_logged("Not logged: 1 ended"), 1);
}

static void without_a_loop_it_does_not_serve(void **state)
{
	(void)state;
	fake.loop_error = -ENOMEM;
	assert_int_equal(acceptor_run(&acceptor), -ENOMEM);
}

#define ACCEPTOR_TEST(test)                                                    \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCEPTOR_TEST(connections_are_dealt_in_turn),
		ACCEPTOR_TEST(the_worker_with_the_fewest_gets_the_next),
		ACCEPTOR_TEST(near_the_limit_one_worker_does_not_get_them_all),
		ACCEPTOR_TEST(above_the_limit_they_wait_until_one_has_gone),
		ACCEPTOR_TEST(a_flood_does_not_keep_signals_waiting),
		ACCEPTOR_TEST(accepting_that_fails_is_tried_again),
		ACCEPTOR_TEST(after_it_has_worked_a_failure_is_logged_anew),
		ACCEPTOR_TEST(a_connection_that_left_holds_up_no_other),
		ACCEPTOR_TEST(nothing_but_such_connections_is_a_failure_too),
		ACCEPTOR_TEST(a_wait_that_fails_is_one_of_those),
		ACCEPTOR_TEST(however_often_a_signal_came_it_is_handled_once),
		ACCEPTOR_TEST(signals_are_handled_in_a_pause_as_well),
		ACCEPTOR_TEST(the_order_to_stop_goes_first),
		ACCEPTOR_TEST(a_reminder_comes_at_its_time_and_once),
		ACCEPTOR_TEST(a_pause_does_not_hold_up_a_reminder),
		ACCEPTOR_TEST(
			what_workers_left_out_of_the_log_is_reported_in_time),
		ACCEPTOR_TEST(a_pause_does_not_hold_up_such_a_report),
		ACCEPTOR_TEST(without_a_loop_it_does_not_serve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
