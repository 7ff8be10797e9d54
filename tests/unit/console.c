// SPDX-License-Identifier: MIT
/* Standard input, a socket and a waker: each of them a pipe of the test's. */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/wake.h"
#include "terminal/console.h"

static int saved_input, typing, ends[2];
static struct waker waker;

static int set_up(void **state)
{
	int input[2];

	(void)state;
	saved_input = dup(STDIN_FILENO);
	if (pipe(input) || pipe(ends) || waker_open(&waker) ||
		dup2(input[0], STDIN_FILENO) < 0)
		return -1;
	close(input[0]);
	typing = input[1];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dup2(saved_input, STDIN_FILENO);
	close(saved_input);
	if (typing >= 0)
		close(typing);
	close(ends[0]);
	close(ends[1]);
	waker_close(&waker);
	return 0;
}

static void each_of_three_ends_the_wait(void **state)
{
	char bytes[8];

	(void)state;
	assert_int_equal(write(ends[1], "a", 1), 1);
	assert_int_equal(console_wait(ends[0], waker.fd), CONSOLE_SOCKET);
	waker_wake(&waker);
	assert_int_equal(console_wait(-1, waker.fd), CONSOLE_WOKEN);
	assert_int_equal(console_wait(ends[0], -1), CONSOLE_SOCKET);
	assert_int_equal(write(typing, "key", 3), 3);
	assert_int_equal(console_wait(-1, -1), CONSOLE_INPUT);
	assert_int_equal(console_wait(ends[0], waker.fd),
		CONSOLE_INPUT | CONSOLE_SOCKET | CONSOLE_WOKEN);
	assert_int_equal(console_read(bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "key", 3);
}

static void the_end_of_the_input_is_there_to_be_read(void **state)
{
	char bytes[8];

	(void)state;
	close(typing);
	typing = -1;
	assert_int_equal(console_wait(-1, -1), CONSOLE_INPUT);
	assert_int_equal(console_read(bytes, sizeof(bytes)), 0);
}

static void a_broken_socket_ends_the_wait(void **state)
{
	(void)state;
	close(ends[1]);
	ends[1] = -1;
	assert_int_equal(console_wait(ends[0], -1), CONSOLE_SOCKET);
}

static void on_signal(int number)
{
	static int times;

	(void)number;
	if (++times == 3)
		waker_wake(&waker);
}

static void a_signal_alone_does_not_end_the_wait(void **state)
{
	const struct itimerval often = { .it_value.tv_usec = 5000,
		.it_interval.tv_usec = 5000 };
	const struct sigaction action = { .sa_handler = on_signal };

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(console_wait(-1, waker.fd), CONSOLE_WOKEN);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
}

static void input_that_does_not_block_is_waited_for_again(void **state)
{
	char byte;

	(void)state;
	assert_int_equal(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(console_read(&byte, 1), -EAGAIN);
	close(STDIN_FILENO);
	assert_int_equal(console_read(&byte, 1), -EBADF);
}

int main(void)
{
#define CONSOLE_TEST(test)                                                     \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CONSOLE_TEST(each_of_three_ends_the_wait),
		CONSOLE_TEST(the_end_of_the_input_is_there_to_be_read),
		CONSOLE_TEST(a_broken_socket_ends_the_wait),
		CONSOLE_TEST(a_signal_alone_does_not_end_the_wait),
		CONSOLE_TEST(input_that_does_not_block_is_waited_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
