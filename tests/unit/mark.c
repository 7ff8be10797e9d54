// SPDX-License-Identifier: MIT
#include "helper.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/complaint.h"
#include "base/mark.h"

PRINTF_LIKE(4, 5)
static size_t form(char line[static MARK_LINE_BYTES], enum mark mark,
	bool colour, const char *format, ...)
{
	va_list arguments;
	size_t n;

	memset(line, '~', MARK_LINE_BYTES);
	va_start(arguments, format);
	n = mark_format(line, mark, colour, format, arguments);
	va_end(arguments);
	assert_in_range(n, 1, MARK_LINE_BYTES - 1);
	assert_int_equal(line[n], '\0');
	assert_int_equal(line[n - 1], '\n');
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	return n;
}

static void each_mark_has_its_letter_and_colour(void **state)
{
	static const char *const lines[][2] = {
		[MARK_STATE] = { "[*] 7 up\n", "\033[1;34m[*] 7 up\033[0m\n" },
		[MARK_TALK] = { "[-] 7 up\n", "\033[1;36m[-] 7 up\033[0m\n" },
		[MARK_NOTICE] = { "[!] 7 up\n", "\033[1;33m[!] 7 up\033[0m\n" },
		[MARK_ERROR] = { "[X] 7 up\n", "\033[1;31m[X] 7 up\033[0m\n" },
		[MARK_DONE] = { "[#] 7 up\n", "\033[1;32m[#] 7 up\033[0m\n" },
	};
	char line[MARK_LINE_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		for (int colour = 0; colour < 2; colour++) {
			form(line, (enum mark)i, colour, "%d %s", 7, "up");
			assert_string_equal(line, lines[i][colour]);
		}
}

static void control_characters_come_out_as_numbers(void **state)
{
	char line[MARK_LINE_BYTES];

	(void)state;
	form(line, MARK_TALK, false, "%s", "a\033[2Jb\r\nc\td\x7f");
	assert_string_equal(line, "[-] a\\x1b[2Jb\\x0d\\x0ac\\x09d\\x7f\n");
	form(line, MARK_TALK, false, "%s", "gr\xc3\xbc\xc3\x9f");
	assert_string_equal(line, "[-] gr\xc3\xbc\xc3\x9f\n");
	/* C1: raw, doubled, and as UTF-8; but not within other letters. */
	form(line, MARK_TALK, false, "%s", "\x9b\x9b\xc2\x9b\xe2\x80\x93");
	assert_string_equal(line, "[-] \\x9b\\x9b\xc2\\x9b\xe2\x80\x93\n");
}

/* Around both limits: of the message, and of the line with its escapes. */
static void what_is_too_long_is_cut(void **state)
{
	static const size_t limits[] = { 0, MARK_LINE_BYTES / 4,
		COMPLAINT_BYTES, MARK_LINE_BYTES };
	static char line[MARK_LINE_BYTES], text[MARK_LINE_BYTES + 64];

	(void)state;
	for (size_t i = 0; i < 64 * COUNT_OF(limits); i++) {
		size_t limit = limits[i / 64], n = i % 64 + limit;
		bool colour = i % 2;

		n -= limit ? 32 : 0;
		memset(text, 'a', n);
		text[n] = '\0';
		form(line, MARK_DONE, colour, "%s", text);
		assert_true(!strstr(line, "...") == (n < COMPLAINT_BYTES));
		memset(text, '\a', n);
		form(line, MARK_DONE, colour, "%s", text);
		assert_true(!colour || strstr(line, "\033[0m\n"));
	}
}

/* Four bytes each, behind up to 15 others: each place of the cut is tried. */
static void a_cut_is_between_two_characters(void **state)
{
	static char line[MARK_LINE_BYTES], text[MARK_LINE_BYTES];

	(void)state;
	for (size_t before = 0; before < 16; before++) {
		/* The first makes the line the limit, else the message is. */
		bool escaped = before & 1;
		size_t n = before + escaped * (size_t)4000;
		const char *cut;

		memset(text, escaped ? '\a' : 'a', n);
		for (; n + 4 < sizeof(text); n += 4)
			memcpy(text + n, "\U0001f600", 4);
		text[n] = '\0';
		form(line, MARK_ERROR, before & 2, "%s", text);
		cut = strstr(line, "...");
		assert_non_null(cut);
		assert_memory_equal(cut - 4, "\U0001f600", 4);
	}
}

static void two_paths_are_named_whole(void **state)
{
	static char line[MARK_LINE_BYTES], path[4096];

	(void)state;
	for (size_t n = 0; n + 2 < sizeof(path); n += 2)
		memcpy(path + n, "\u00e4", 2);
	form(line, MARK_ERROR, true, "Cannot link %s to %s: for a reason", path,
		path);
	assert_non_null(strstr(line, ": for a reason"));
	memset(path, '\n', sizeof(path) - 1);
	form(line, MARK_ERROR, true, "Cannot read %s: for a reason", path);
	assert_non_null(strstr(line, ": for a reason"));
}

/* The slave side of a terminal, or -1. */
static int open_terminal(int *master)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY);
	if (*master < 0 || grantpt(*master) || unlockpt(*master))
		return -1;
	return open(ptsname(*master), O_RDWR | O_NOCTTY);
}

static void colours_are_for_terminals_that_want_them(void **state)
{
	int pipes[2], master, terminal = open_terminal(&master);

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	assert_true(mark_wants_colour(MARK_COLOURS_ALWAYS, pipes[1]));
	assert_false(mark_wants_colour(MARK_COLOURS_AUTO, pipes[1]));
	if (terminal >= 0) {
		assert_true(mark_wants_colour(MARK_COLOURS_AUTO, terminal));
		assert_false(mark_wants_colour(MARK_COLOURS_NEVER, terminal));
		setenv("NO_COLOR", "1", 1);
		assert_false(mark_wants_colour(MARK_COLOURS_AUTO, terminal));
		assert_true(mark_wants_colour(MARK_COLOURS_ALWAYS, terminal));
		setenv("NO_COLOR", "", 1);
		assert_true(mark_wants_colour(MARK_COLOURS_AUTO, terminal));
		setenv("TERM", "dumb", 1);
		assert_false(mark_wants_colour(MARK_COLOURS_AUTO, terminal));
		unsetenv("TERM");
		assert_false(mark_wants_colour(MARK_COLOURS_AUTO, terminal));
		close(terminal);
	}
	close(master);
	close(pipes[0]);
	close(pipes[1]);
}

static void a_line_is_printed_whole(void **state)
{
	char line[MARK_LINE_BYTES] = "";
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	mark_print(pipes[1], MARK_ERROR, false, "no %s", "more");
	assert_int_equal(read(pipes[0], line, sizeof(line)), 12);
	assert_string_equal(line, "[X] no more\n");
	close(pipes[0]);
	close(pipes[1]);
	mark_print(pipes[1], MARK_ERROR, false, "to nobody");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mark_has_its_letter_and_colour),
		cmocka_unit_test(control_characters_come_out_as_numbers),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(a_cut_is_between_two_characters),
		cmocka_unit_test(two_paths_are_named_whole),
		cmocka_unit_test(colours_are_for_terminals_that_want_them),
		cmocka_unit_test(a_line_is_printed_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
