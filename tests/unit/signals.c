// SPDX-License-Identifier: MIT
#include "folder.h"

#include <sys/syscall.h>

#include "base/os_signals.h"
#include "server/signals.h"

/* Comes while a file is synced, which may take as long as a disk likes. */
static int while_syncing;

int fsync(int fd)
{
	int signal_number = while_syncing;

	while_syncing = 0;
	if (signal_number)
		raise(signal_number);
	return (int)syscall(SYS_fsync, fd);
}

/* What a process of its own does, given the end where signals arrive. */
static void (*body)(int signals);

static void run(int unused)
{
	int signals = signals_open();

	(void)unused;
	if (signals < 0)
		_exit(99);
	body(signals);
}

/* The exit status of a process that does this. */
static int ends(void (*what)(int signals))
{
	int status;

	body = what;
	status = reap(spawn(run, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* In the child, where cmocka must not fail: 98 is an exit status like that. */
static void check(bool is_so)
{
	if (!is_so)
		_exit(98);
}

static const int ending[] = { SIGINT, SIGTERM };
static int number;

static void raise_one(int signals)
{
	(void)signals;
	raise(number);
}

static void an_end_before_the_loop_is_carried_out_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ending); i++) {
		number = ending[i];
		assert_int_equal(ends(raise_one), 128 + number);
	}
}

static void raise_with_a_loop(int signals)
{
	char bytes[8];

	signals_wait_for_loop(true);
	raise(number);
	check(read(signals, bytes, sizeof(bytes)) == 1);
	raise(SIGUSR1);
	signals_hear();
	check(read(signals, bytes, sizeof(bytes)) < 0 && errno == EAGAIN);
	check(signals_take(number));
	check(!signals_take(number));
}

static void a_signal_is_for_the_loop_once_that_runs(void **state)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		number = all[i];
		assert_int_equal(ends(raise_with_a_loop), 0);
	}
}

static void raise_twice(int signals)
{
	(void)signals;
	signals_wait_for_loop(true);
	raise(number);
	raise(SIGTERM);
}

static void a_second_one_ends_the_process(void **state)
{
	(void)state;
	number = SIGINT;
	assert_int_equal(ends(raise_twice), 128 + SIGTERM);
	number = SIGTERM;
	assert_int_equal(ends(raise_twice), 128 + SIGTERM);
	number = SIGHUP; /* is no request to end */
	assert_int_equal(ends(raise_twice), 0);
}

static void raise_after_the_loop(int signals)
{
	(void)signals;
	signals_wait_for_loop(true);
	signals_wait_for_loop(false);
	raise(SIGTERM);
}

static void an_end_after_the_loop_is_carried_out_at_once(void **state)
{
	(void)state;
	assert_int_equal(ends(raise_after_the_loop), 128 + SIGTERM);
}

static void raise_very_often(int signals)
{
	char bytes[8];

	(void)signals;
	for (int i = 0; i < 100000; i++) {
		raise(SIGHUP);
		raise(SIGUSR1);
	}
	check(signals_take(SIGHUP) && !signals_take(SIGHUP));
	check(read(signals, bytes, sizeof(bytes)) > 0);
	raise(SIGHUP);
	check(signals_take(SIGHUP) && signals_take(SIGUSR1));
}

static void however_often_it_came_it_is_taken_once(void **state)
{
	(void)state;
	assert_int_equal(ends(raise_very_often), 0);
}

static void raise_while_held(int signals)
{
	(void)signals;
	os_signals_hold();
	raise(SIGHUP);
	check(!signals_take(SIGHUP));
	os_signals_release();
	check(signals_take(SIGHUP));
}

static void while_they_are_held_none_comes(void **state)
{
	(void)state;
	assert_int_equal(ends(raise_while_held), 0);
}

static void write_past_a_reader_and_a_limit(int signals)
{
	int pipes[2];

	(void)signals;
	raise(SIGXFSZ);
	check(pipe(pipes) == 0 && close(pipes[0]) == 0);
	check(write(pipes[1], "", 1) < 0 && errno == EPIPE);
}

static void a_write_that_fails_does_not_end_the_process(void **state)
{
	(void)state;
	assert_int_equal(ends(write_past_a_reader_and_a_limit), 0);
}

static void an_interrupt_that_was_ignored_stays_ignored(void **state)
{
	(void)state;
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	number = SIGINT;
	assert_int_equal(ends(raise_one), 0);
	number = SIGTERM;
	assert_int_equal(ends(raise_one), 128 + SIGTERM);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}

static void make_a_key(int signals)
{
	(void)signals;
	while_syncing = SIGTERM;
	check(files_write(in_folder("key"), "a key", true, complaint) == 0);
}

static void make_a_key_beside_the_loop(int signals)
{
	signals_wait_for_loop(true);
	make_a_key(signals);
	check(signals_take(SIGTERM));
}

static void an_end_while_a_key_is_synced_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(ends(make_a_key), 128 + SIGTERM);
	assert_int_equal(folder_count(), 0);
}

static void beside_the_loop_the_key_is_finished_first(void **state)
{
	(void)state;
	assert_int_equal(ends(make_a_key_beside_the_loop), 0);
	assert_string_equal(get_text(in_folder("key")), "a key");
	assert_int_equal(folder_count(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_before_the_loop_is_carried_out_at_once),
		cmocka_unit_test(a_signal_is_for_the_loop_once_that_runs),
		cmocka_unit_test(a_second_one_ends_the_process),
		cmocka_unit_test(an_end_after_the_loop_is_carried_out_at_once),
		cmocka_unit_test(however_often_it_came_it_is_taken_once),
		cmocka_unit_test(while_they_are_held_none_comes),
		cmocka_unit_test(a_write_that_fails_does_not_end_the_process),
		cmocka_unit_test(an_interrupt_that_was_ignored_stays_ignored),
		FOLDER_TEST(an_end_while_a_key_is_synced_leaves_nothing),
		FOLDER_TEST(beside_the_loop_the_key_is_finished_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
