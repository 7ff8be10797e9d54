// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/os.h"
#include "base/os_signals.h"

static volatile sig_atomic_t last, count;

static void note(int number)
{
	last = number;
	count++;
	errno = EDOM;
}

/* What a process of its own comes to: its wait status. */
static int fate_of(void (*act)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* In a child, where cmocka must not fail. */
static void check(bool is_so)
{
	if (!is_so)
		_exit(98);
}

static void the_effect_of_a_signal_can_be_asked(void **state)
{
	(void)state;
	assert_true(os_signals_is_default(SIGUSR1));
	assert_false(os_signals_is_ignored(SIGUSR1));
	os_signals_ignore(SIGUSR1);
	assert_false(os_signals_is_default(SIGUSR1));
	assert_true(os_signals_is_ignored(SIGUSR1));
	os_signals_catch(SIGUSR1, note);
	assert_false(os_signals_is_default(SIGUSR1));
	assert_false(os_signals_is_ignored(SIGUSR1));
	os_signals_reset(SIGUSR1);
	assert_true(os_signals_is_default(SIGUSR1));
}

static void what_is_no_signal_has_no_effect(void **state)
{
	(void)state;
	assert_false(os_signals_is_default(NSIG));
	assert_false(os_signals_is_ignored(NSIG));
	assert_false(os_signals_is_default(-1));
}

static void resetting_leaves_alone_what_was_not_caught(void **state)
{
	(void)state;
	os_signals_ignore(SIGUSR2);
	os_signals_reset(SIGUSR2);
	assert_true(os_signals_is_ignored(SIGUSR2));
}

static void a_signal_that_is_caught_calls_and_keeps_errno(void **state)
{
	(void)state;
	os_signals_catch(SIGUSR1, note);
	count = 0;
	errno = ENOENT;
	raise(SIGUSR1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(last, SIGUSR1);
	assert_int_equal(count, 1);
	raise(SIGUSR1); /* and does so again */
	assert_int_equal(count, 2);
	os_signals_reset(SIGUSR1);
}

static void start_held_back(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	count = 0;
	os_signals_catch(SIGUSR1, note);
	check(count == 1);
}

static void one_that_was_held_back_at_the_start_comes(void **state)
{
	(void)state;
	assert_int_equal(fate_of(start_held_back), 0);
}

/* Three signals to the parent, then what it waits for. */
static void interrupt_and_write(int fd)
{
	for (int i = 0; i < 3; i++) {
		os_rest_ms(5);
		kill(getppid(), SIGALRM);
	}
	os_rest_ms(5);
	_exit(write(fd, "a", 1) != 1);
}

static void a_call_that_was_interrupted_goes_on(void **state)
{
	int ends[2];
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	os_signals_catch(SIGALRM, note);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		interrupt_and_write(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	os_signals_reset(SIGALRM);
	close(ends[0]);
	close(ends[1]);
}

static volatile sig_atomic_t was_nested;

static void raise_the_other(int number)
{
	int before = count;

	note(number);
	if (number == SIGUSR1)
		raise(SIGHUP);
	was_nested |= count != before + 1;
}

static void no_other_comes_meanwhile(void **state)
{
	(void)state;
	os_signals_catch(SIGUSR1, raise_the_other);
	os_signals_catch(SIGHUP, raise_the_other);
	count = was_nested = 0;
	raise(SIGUSR1);
	assert_int_equal(count, 2);
	assert_int_equal(last, SIGHUP);
	assert_false(was_nested);
	os_signals_reset(SIGUSR1);
	os_signals_reset(SIGHUP);
}

static void *kill_process(void *argument)
{
	(void)argument;
	count = 0;
	kill(getpid(), SIGUSR1);
	os_rest_ms(20);
	check(count == 0);
	return NULL;
}

/* The main thread holds them as well, until it has started the other. */
static void start_a_thread(void)
{
	pthread_t thread;

	os_signals_catch(SIGUSR1, note);
	os_signals_hold();
	check(!pthread_create(&thread, NULL, kill_process, NULL));
	pthread_join(thread, NULL);
	check(count == 0);
	os_signals_release();
	check(count == 1 && last == SIGUSR1);
}

static void threads_started_meanwhile_never_see_them(void **state)
{
	(void)state;
	assert_int_equal(fate_of(start_a_thread), 0);
}

static void others_are_not_held(void)
{
	os_signals_catch(SIGUSR1, note);
	os_signals_hold();
	raise(SIGTERM);
}

static void only_what_is_caught_is_held(void **state)
{
	int status = fate_of(others_are_not_held);

	(void)state;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* Four times, then no more. */
static void note_and_go_on(int number)
{
	note(number);
	if (count < 4)
		check(os_signals_again(1));
}

static void again_and_again(void)
{
	uint64_t end = clock_ns() + 20000000000;

	check(!os_signals_again(1));
	os_signals_catch(SIGUSR1, note_and_go_on);
	os_signals_prepare_again(note_and_go_on);
	count = 0;
	raise(SIGUSR1);
	check(count == 1 && last == SIGUSR1);
	while (count < 4 && clock_ns() < end)
		os_rest_ms(1);
	check(count == 4 && last == OS_SIGNALS_AGAIN);
	os_rest_ms(10);
	check(count == 4);
}

static void an_act_can_be_called_again_a_little_later(void **state)
{
	(void)state;
	assert_int_equal(fate_of(again_and_again), 0);
}

static void again_from_outside(void)
{
	os_signals_prepare_again(note);
	raise(SIGRTMIN);
	check(last == SIGRTMIN);
}

static void the_same_signal_from_elsewhere_has_its_number(void **state)
{
	(void)state;
	assert_int_equal(fate_of(again_from_outside), 0);
}

static void again_though_ignored(void)
{
	os_signals_ignore(SIGRTMIN);
	os_signals_prepare_again(note);
	check(!os_signals_again(1));
	check(os_signals_is_ignored(SIGRTMIN));
}

static void without_its_signal_there_is_no_again(void **state)
{
	(void)state;
	assert_int_equal(fate_of(again_though_ignored), 0);
}

static void die(int number)
{
	os_signals_die(number);
}

static int fatal;

static void die_of_it(void)
{
	os_signals_catch(fatal, die);
	raise(fatal);
}

static void a_process_can_die_of_a_signal_it_caught(void **state)
{
	static const int all[] = { SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGSEGV };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		int status;

		fatal = all[i];
		status = fate_of(die_of_it);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), fatal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_effect_of_a_signal_can_be_asked),
		cmocka_unit_test(what_is_no_signal_has_no_effect),
		cmocka_unit_test(resetting_leaves_alone_what_was_not_caught),
		cmocka_unit_test(a_signal_that_is_caught_calls_and_keeps_errno),
		cmocka_unit_test(one_that_was_held_back_at_the_start_comes),
		cmocka_unit_test(a_call_that_was_interrupted_goes_on),
		cmocka_unit_test(no_other_comes_meanwhile),
		cmocka_unit_test(threads_started_meanwhile_never_see_them),
		cmocka_unit_test(only_what_is_caught_is_held),
		cmocka_unit_test(an_act_can_be_called_again_a_little_later),
		cmocka_unit_test(the_same_signal_from_elsewhere_has_its_number),
		cmocka_unit_test(without_its_signal_there_is_no_again),
		cmocka_unit_test(a_process_can_die_of_a_signal_it_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
