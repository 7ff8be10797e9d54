// SPDX-License-Identifier: MIT
/*
 * The prompt, of either kind. (What an editor does with a real terminal is
 * shown by tests/system/test_client_terminal.py.)
 */
#include "user.h"

#include <locale.h>

#include "base/mark.h"
#include "client/input.h"
#include "client/prompt.h"

enum { LINES = 8 };

static char lines[LINES][INPUT_LINE_BYTES + 1];
static int count, server, ends, last;
static bool is_open;

static int server_fd(void *context)
{
	(void)context;
	return server;
}

/* It says so once; after that there is no server. */
static void server_ready(void *context)
{
	(void)context;
	ends++;
	server = -1;
	assert_int_equal(mark_write(STDOUT_FILENO, "gone\n", 5), 0);
}

static void read_all(void *unused)
{
	const struct bystander bystander = { .fd = server_fd,
		.ready = server_ready };
	struct prompt *p = prompt_open(&bystander);
	const char *line;

	(void)unused;
	is_open = p;
	while (p && count < LINES && (last = prompt_read(p, &line)) > 0)
		snprintf(lines[count++], sizeof(lines[0]), "%s", line);
	prompt_close(p);
}

/* What the user types, and the lines that come of it. */
static void type(const char *text)
{
	count = ends = 0;
	user_run(text, read_all, NULL);
	assert_true(is_open);
}

static int set_up(void **state)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	server = -1;
	has_terminal = true;
	typed_at_once = SIZE_MAX;
	typed_error = 0;
	return fake_begin(state);
}

static void lines_come_one_by_one_until_the_end(void **state)
{
	(void)state;
	for (typed_at_once = 1; typed_at_once < 12; typed_at_once++) {
		type("time\n\nq u i t\ncaf\xc3\xa9\nlast");
		assert_int_equal(count, 5);
		assert_string_equal(lines[0], "time");
		assert_string_equal(lines[1], "");
		assert_string_equal(lines[2], "q u i t");
		assert_string_equal(lines[3], "caf\xc3\xa9");
		assert_string_equal(lines[4], "last");
		/* The end of the input ends its line on the screen too. */
		assert_int_equal(shown[strlen(shown) - 1], '\n');
	}
	type("");
	assert_int_equal(count, 0);
}

static void a_failure_to_read_is_not_the_end(void **state)
{
	(void)state;
	type("time\n");
	assert_int_equal(last, 0);
	typed_error = -EIO;
	type("time\n");
	assert_int_equal(count, 1);
	assert_int_equal(last, -EIO);
}

static void of_a_long_line_the_beginning_is_returned(void **state)
{
	char text[4 * INPUT_LINE_BYTES];

	(void)state;
	memset(text, 'x', sizeof(text));
	strcpy(text + sizeof(text) - 4, "\nq\n");
	type(text);
	assert_int_equal(count, 2);
	assert_int_equal(strspn(lines[0], "x"), INPUT_LINE_BYTES);
	assert_string_equal(lines[1], "q");
}

static void a_server_that_goes_is_said_above_the_line(void **state)
{
	const char *gone;

	(void)state;
	server = fake_open();
	fake_of(server)->has_end = true;
	type(WAITS "time\n");
	assert_int_equal(ends, 1);
	assert_int_equal(count, 1);
	assert_string_equal(lines[0], "time");
	gone = strstr(shown, "\ngone\n");
	assert_non_null(gone);
	/* The prompt stands below it again, where there was one. */
	if (!strncmp(shown, "> ", 2))
		assert_int_equal(strncmp(gone, "\ngone\n> ", 8), 0);
}

/* An editor cannot show such a byte; a terminal has shown it already. */
static void what_is_not_a_character_makes_another_word(void **state)
{
	(void)state;
	type("\xc3(x\n\xff\nok\n");
	assert_int_equal(count, 3);
	assert_true(!strcmp(lines[0], "!(x") || !strcmp(lines[0], "\xc3(x"));
	assert_true(!strcmp(lines[1], "!") || !strcmp(lines[1], "\xff"));
	assert_string_equal(lines[2], "ok");
}

static int tear_down(void **state)
{
	return fake_end(state);
}

#define PROMPT_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROMPT_TEST(lines_come_one_by_one_until_the_end),
		PROMPT_TEST(a_failure_to_read_is_not_the_end),
		PROMPT_TEST(of_a_long_line_the_beginning_is_returned),
		PROMPT_TEST(what_is_not_a_character_makes_another_word),
		PROMPT_TEST(a_server_that_goes_is_said_above_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
