// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/wake.h"

static struct waker waker;
static unsigned failures; /* of calls, to come */

/* In place of the system's. */
ssize_t write(int fd, const void *bytes, size_t n)
{
	if (!failures || fd != waker.slot)
		return syscall(SYS_write, fd, bytes, n);
	failures--;
	errno = EIO;
	return -1;
}

static int open_waker(void **state)
{
	(void)state;
	return waker_open(&waker);
}

static int close_waker(void **state)
{
	(void)state;
	waker_close(&waker);
	return 0;
}

static bool is_called(int timeout_ms)
{
	struct pollfd watched = { .fd = waker.fd, .events = POLLIN };

	return poll(&watched, 1, timeout_ms) == 1;
}

static void calls_are_heard_once_however_many(void **state)
{
	(void)state;
	assert_false(is_called(0));
	for (int i = 0; i < 3; i++)
		waker_wake(&waker);
	assert_true(is_called(0));
	waker_clear(&waker);
	assert_false(is_called(0));
	waker_wake(&waker);
	assert_true(is_called(0));
}

static void hearing_without_a_call_does_not_wait(void **state)
{
	(void)state;
	waker_clear(&waker);
	assert_false(is_called(0));
}

/* A pipe is full long before, and nobody reads. */
static void calling_never_waits_and_keeps_errno(void **state)
{
	(void)state;
	errno = ENOENT;
	for (int i = 0; i < 200000; i++)
		waker_wake(&waker);
	assert_int_equal(errno, ENOENT);
	for (int i = 0; i < 200000 && is_called(0); i++)
		waker_clear(&waker);
	assert_false(is_called(0));
}

/* Otherwise what was to be heard would be lost, the order to stop too. */
static void a_call_that_fails_is_made_again(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 3; n++) {
		failures = n;
		waker_wake(&waker);
		assert_int_equal(failures, 0);
		assert_true(is_called(0));
		waker_clear(&waker);
	}
	failures = UINT_MAX;
	waker_wake(&waker);
	failures = 0;
	assert_false(is_called(0));
}

static void *call(void *argument)
{
	waker_wake(argument);
	return NULL;
}

static void another_thread_ends_the_wait(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, call, &waker), 0);
	assert_true(is_called(10000));
	pthread_join(thread, NULL);
}

static void on_signal(int number)
{
	(void)number;
	/* May be called here. */
	/* NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c) */
	waker_wake(&waker);
}

static void a_signal_handler_ends_the_wait(void **state)
{
	(void)state;
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	assert_true(is_called(0));
}

static void its_descriptors_do_not_survive_exec(void **state)
{
	(void)state;
	assert_true(fcntl(waker.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(waker.slot, F_GETFD) & FD_CLOEXEC);
}

static void without_descriptors_it_does_not_open(void **state)
{
	struct rlimit old, none;
	struct waker w;
	int error;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){ 0, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	error = waker_open(&w);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(error, -EMFILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			calls_are_heard_once_however_many, open_waker,
			close_waker),
		cmocka_unit_test_setup_teardown(
			hearing_without_a_call_does_not_wait, open_waker,
			close_waker),
		cmocka_unit_test_setup_teardown(
			calling_never_waits_and_keeps_errno, open_waker,
			close_waker),
		cmocka_unit_test_setup_teardown(a_call_that_fails_is_made_again,
			open_waker, close_waker),
		cmocka_unit_test_setup_teardown(
			another_thread_ends_the_wait, open_waker, close_waker),
		cmocka_unit_test_setup_teardown(a_signal_handler_ends_the_wait,
			open_waker, close_waker),
		cmocka_unit_test_setup_teardown(
			its_descriptors_do_not_survive_exec, open_waker,
			close_waker),
		cmocka_unit_test(without_descriptors_it_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
