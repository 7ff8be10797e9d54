// SPDX-License-Identifier: MIT
#include "user.h"

#include "client/input.h"

static struct input_lines lines;

static int set_up(void **state)
{
	fake_begin(state);
	lines = (struct input_lines){ 0 };
	typed = "";
	typed_at_once = SIZE_MAX;
	typed_error = 0;
	return 0;
}

/* The next line; NULL at the end. */
static const char *next(const struct bystander *bystander)
{
	const char *line = NULL;
	int result = input_line(&lines, bystander, &line);

	assert_int_equal(result, line != NULL);
	return line;
}

static void assert_line(const char *expected)
{
	const char *line = next(NULL);

	if (!expected)
		assert_null(line);
	else
		assert_string_equal(line, expected);
}

static void lines_come_without_their_ends(void **state)
{
	for (typed_at_once = 1; typed_at_once < 9; typed_at_once++) {
		size_t at_once = typed_at_once;

		set_up(state);
		typed_at_once = at_once;
		typed = "one\n\n three \nf";
		assert_line("one");
		assert_line("");
		assert_line(" three ");
		assert_line("f"); /* the last one may lack it */
		assert_line(NULL);
		assert_line(NULL);
	}
}

/* A text of n letters and a line after it. */
static void type_long(size_t n, const char *after)
{
	static char text[20 * INPUT_LINE_BYTES];

	memset(text, 'x', n);
	strcpy(text + n, after);
	typed = text;
}

static void a_line_that_is_too_long_is_one_line(void **state)
{
	static const size_t lengths[] = { INPUT_LINE_BYTES - 1,
		INPUT_LINE_BYTES, INPUT_LINE_BYTES + 1, 2 * INPUT_LINE_BYTES,
		2 * INPUT_LINE_BYTES + 1, 10 * INPUT_LINE_BYTES + 7 };

	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		const char *line;

		set_up(state);
		type_long(lengths[i], "\nnext\n");
		line = next(NULL);
		assert_int_equal(strspn(line, "x"), strlen(line));
		assert_int_equal(
			strlen(line), min_size(lengths[i], INPUT_LINE_BYTES));
		assert_line("next");
		assert_line(NULL);
		set_up(state);
		type_long(lengths[i], "");
		assert_non_null(next(NULL));
		assert_line(NULL);
	}
}

/* Neither is half a line that of the user. */
static void a_failure_to_read_is_not_the_end(void **state)
{
	const char *line = NULL;

	(void)state;
	typed = "one\nTIM";
	typed_error = -EIO;
	assert_line("one");
	assert_int_equal(input_line(&lines, NULL, &line), -EIO);
	assert_int_equal(input_line(&lines, NULL, &line), -EIO);
	assert_null(line);
}

/* --- the bystander --- */

static int fd;
static unsigned calls;

static int its_fd(void *context)
{
	assert_ptr_equal(context, &fd);
	return fd;
}

static void its_end(void *context)
{
	assert_ptr_equal(context, &fd);
	calls++;
	fd = -1;
}

static void end(void *unused)
{
	(void)unused;
	fake_of(fd)->has_end = true;
}

static void while_a_line_is_waited_for_the_bystander_is_seen_to(void **state)
{
	const struct bystander bystander = {
		.fd = its_fd, .ready = its_end, .context = &fd
	};

	(void)state;
	fd = fake_open();
	calls = 0;
	fake_at(1000, end, NULL);
	typed = "one\n" WAITS "two\n";
	assert_string_equal(next(&bystander), "one");
	assert_int_equal(calls, 0);
	assert_string_equal(next(&bystander), "two");
	assert_int_equal(calls, 1);
}

#define INPUT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		INPUT_TEST(lines_come_without_their_ends),
		INPUT_TEST(a_line_that_is_too_long_is_one_line),
		INPUT_TEST(a_failure_to_read_is_not_the_end),
		INPUT_TEST(while_a_line_is_waited_for_the_bystander_is_seen_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
