// SPDX-License-Identifier: MIT
#include "helper.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "bench/progress.h"

static const char *const parts[] = { "12 s left", "34567 requests/s",
	"p99 so far 0.123 ms" };
static int master, terminal;

static int open_terminal(void **state)
{
	struct termios modes;

	(void)state;
	master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	assert_int_equal(tcgetattr(terminal, &modes), 0);
	cfmakeraw(&modes);
	assert_int_equal(tcsetattr(terminal, TCSANOW, &modes), 0);
	return 0;
}

static int close_terminal(void **state)
{
	(void)state;
	close(terminal);
	close(master);
	return 0;
}

/*
 * What a terminal of that many columns shows. Never more than fits: the
 * cursor is not to stand behind the last column at any moment.
 */
static const char *shown(unsigned short columns, size_t count)
{
	static char screen[256];
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	size_t limit = columns ? columns : 80, at = 0, last;
	char out[512];
	ssize_t n;

	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	memset(screen, 'x', sizeof(screen));
	progress_show(terminal, count, parts);
	n = read(master, out, sizeof(out));
	assert_true(n > 0);
	for (ssize_t i = 0; i < n; i++) {
		if (out[i] == '\r') {
			at = 0;
			continue;
		}
		assert_true(out[i] >= ' ' && out[i] < 0x7F);
		assert_true(at + 1 < limit);
		screen[at++] = out[i];
	}
	/* What stood there before is gone. */
	last = limit > 80 ? 79 : limit - 1;
	for (size_t i = 0; i < last; i++)
		assert_int_not_equal(screen[i], 'x');
	screen[last] = '\0';
	for (size_t i = strlen(screen); i && screen[i - 1] == ' '; i--)
		screen[i - 1] = '\0';
	return screen;
}

static void all_is_shown_where_there_is_room(void **state)
{
	const char *all = "12 s left, 34567 requests/s, p99 so far 0.123 ms";

	(void)state;
	assert_string_equal(shown(80, 3), all);
	assert_string_equal(shown(300, 3), all);
	assert_string_equal(shown(49, 3), all);
}

static void what_does_not_fit_is_left_out_and_not_cut(void **state)
{
	(void)state;
	assert_string_equal(shown(48, 3), "12 s left, 34567 requests/s");
	assert_string_equal(shown(28, 3), "12 s left, 34567 requests/s");
	assert_string_equal(shown(27, 3), "12 s left");
	assert_string_equal(shown(10, 3), "12 s left");
	assert_string_equal(shown(9, 3), "");
}

static void no_width_is_too_small(void **state)
{
	(void)state;
	for (unsigned short columns = 1; columns < 100; columns++)
		assert_true(strlen(shown(columns, 3)) < columns);
}

static void a_terminal_without_a_width_has_the_usual_one(void **state)
{
	(void)state;
	assert_string_equal(shown(0, 3),
		"12 s left, 34567 requests/s, p99 so far 0.123 ms");
}

static void no_parts_clear_the_line(void **state)
{
	(void)state;
	assert_string_equal(shown(80, 0), "");
	assert_string_equal(shown(30, 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_shown_where_there_is_room),
		cmocka_unit_test(what_does_not_fit_is_left_out_and_not_cut),
		cmocka_unit_test(no_width_is_too_small),
		cmocka_unit_test(a_terminal_without_a_width_has_the_usual_one),
		cmocka_unit_test(no_parts_clear_the_line),
	};

	return cmocka_run_group_tests(tests, open_terminal, close_terminal);
}
