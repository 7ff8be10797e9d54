// SPDX-License-Identifier: MIT
/* On a terminal of the test's own, in a process of which it is the terminal. */
#include "helper.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "terminal/terminal.h"

static int screen; /* the other end of the terminal */

/* As standard input and output of a session of its own. */
static void take_terminal(void)
{
	int fd;

	setsid();
	fd = open(ptsname(screen), O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) || dup2(fd, 0) < 0 ||
		dup2(fd, 1) < 0)
		_exit(97);
}

static int status_of(void (*act)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		take_terminal();
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check(bool is_so)
{
	if (!is_so)
		_exit(98);
}

static int open_screen(void **state)
{
	(void)state;
	screen = posix_openpt(O_RDWR | O_NOCTTY);
	return screen < 0 || grantpt(screen) || unlockpt(screen);
}

static int close_screen(void **state)
{
	(void)state;
	close(screen);
	return 0;
}

static void what_is_no_terminal_is_none(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_false(terminal_is(ends[0]));
	assert_int_equal(terminal_columns(ends[0]), 0);
	close(ends[0]);
	close(ends[1]);
	assert_false(terminal_is(-1));
	assert_int_equal(terminal_columns(-1), 0);
	terminal_restore(); /* nothing was kept */
}

static void measure(void)
{
	struct winsize size = { .ws_col = 132 };

	check(terminal_is(0) && terminal_is(1));
	check(terminal_columns(1) == 0);
	check(!ioctl(1, TIOCSWINSZ, &size));
	check(terminal_columns(1) == 132);
}

static void a_terminal_says_how_wide_it_is(void **state)
{
	(void)state;
	assert_int_equal(status_of(measure), 0);
}

static bool echoes(void)
{
	struct termios modes;

	check(!tcgetattr(0, &modes));
	return modes.c_lflag & ECHO;
}

static void set_echo(bool is_on)
{
	struct termios modes;

	check(!tcgetattr(0, &modes));
	modes.c_lflag =
		is_on ? modes.c_lflag | ECHO : modes.c_lflag & ~(tcflag_t)ECHO;
	check(!tcsetattr(0, TCSANOW, &modes));
}

static void keep_and_restore(void)
{
	set_echo(true);
	terminal_keep();
	set_echo(false);
	terminal_restore();
	check(echoes());
}

static void its_modes_come_back_on_a_new_line(void **state)
{
	char shown[8] = "";

	(void)state;
	assert_int_equal(status_of(keep_and_restore), 0);
	assert_true(read(screen, shown, sizeof(shown) - 1) > 0);
	assert_string_equal(shown, "\r\n");
}

/* A group of its own, which is not the terminal's. */
static void restore_in_the_background(void)
{
	pid_t child;
	int status;

	set_echo(true);
	terminal_keep();
	set_echo(false);
	child = fork();
	check(child >= 0);
	if (!child) {
		check(!setpgid(0, 0));
		terminal_restore();
		_exit(0);
	}
	check(waitpid(child, &status, WUNTRACED) == child);
	check(WIFEXITED(status) && !WEXITSTATUS(status));
	check(!echoes());
}

static void the_terminal_of_another_job_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(status_of(restore_in_the_background), 0);
}

static void restore_while_stopped(void)
{
	terminal_keep();
	set_echo(false);
	check(!tcflow(1, TCOOFF));
	terminal_restore();
	check(echoes());
}

static void a_stopped_terminal_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(status_of(restore_while_stopped), 0);
}

int main(void)
{
#define SCREEN_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, open_screen, close_screen)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_terminal_is_none),
		SCREEN_TEST(a_terminal_says_how_wide_it_is),
		SCREEN_TEST(its_modes_come_back_on_a_new_line),
		SCREEN_TEST(the_terminal_of_another_job_is_left_alone),
		SCREEN_TEST(a_stopped_terminal_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
