// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <getopt.h>

#include "base/options.h"

static struct {
	bool quiet;
	const char *host;
	long port;
	unsigned timeout_ms;
	int colour;
	struct option_list keys;
} values;

static const struct option_row rows[] = {
	{ 'q', "quiet", NULL, option_flag, &values.quiet, 0, 0, "say less" },
	{ 0, "host", "ADDR", option_text, &values.host, 0, 0, "where" },
	{ 'p', "port", "N", option_number, &values.port, 1, 65535,
		"which port (default 1337)" },
	{ 't', "timeout", "SECONDS", option_seconds, &values.timeout_ms, 0.1,
		86400, "how long" },
	{ 0, "color", "auto|always|never", option_choice, &values.colour, 0, 0,
		"a spelling that takes a line of its own" },
	{ 0, "key", "KEY", option_list, &values.keys, 0, 0, "one of several" },
};

static const struct options options = {
	.program = "trial",
	.usage = "[options] HOST [WORD]",
	.purpose = "Tries options.",
	.rows = rows,
	.count = COUNT_OF(rows),
	.least = 1,
	.most = 2,
	.examples = "  trial x    try x\n",
	.more = "That is all.\n",
};

static struct complaint complaint[1];

/* A command line that ends in NULL; words is left as getopt leaves it. */
static int parse_words(const char **words)
{
	int count = 0;

	while (words[count])
		count++;
	memset(&values, 0, sizeof(values));
	complaint->text[0] = '\0';
	optind = 0; /* glibc's getopt_long then begins anew */
	return options_parse(&options, count, (char **)words, complaint);
}

#define parse(...) parse_words((const char *[]){ "trial", __VA_ARGS__, NULL })

static void assert_wrong(int result, const char *expected)
{
	assert_int_equal(result, OPTIONS_WRONG);
	assert_string_equal(complaint->text, expected);
}

static void each_option_goes_where_its_row_says(void **state)
{
	(void)state;
	assert_int_equal(parse("-q", "--host", "::1", "--port=80", "-t0.25",
				 "--color", "never", "x"),
		8);
	assert_true(values.quiet);
	assert_string_equal(values.host, "::1");
	assert_int_equal(values.port, 80);
	assert_int_equal(values.timeout_ms, 250);
	assert_int_equal(values.colour, 2);
	assert_string_equal(complaint->text, "");
}

static void what_is_not_given_stays(void **state)
{
	(void)state;
	assert_int_equal(parse("x", "y"), 1);
	assert_false(values.quiet);
	assert_null(values.host);
	assert_int_equal(values.port, 0);
}

static void words_and_options_may_be_mixed(void **state)
{
	const char *words[] = { "trial", "one", "-q", "two", "-p", "7", NULL };
	int first = parse_words(words);

	(void)state;
	assert_int_equal(first, 4);
	assert_string_equal(words[first], "one");
	assert_string_equal(words[first + 1], "two");
	assert_int_equal(values.port, 7);
	/* Behind two dashes everything is a word. */
	assert_int_equal(parse("--", "-q", "--port"), 2);
	assert_false(values.quiet);
}

static void bounds_belong_to_the_range(void **state)
{
	(void)state;
	assert_int_equal(parse("-p", "1", "x"), 3);
	assert_int_equal(values.port, 1);
	assert_int_equal(parse("-p", "65535", "x"), 3);
	assert_int_equal(values.port, 65535);
	assert_int_equal(parse("-t", "86400", "x"), 3);
	assert_int_equal(values.timeout_ms, 86400000);
	assert_int_equal(parse("-t", ".1", "x"), 3);
	assert_int_equal(values.timeout_ms, 100);
	assert_int_equal(parse("-t", "2.", "x"), 3);
	assert_int_equal(values.timeout_ms, 2000);
}

static void what_is_no_number_in_range_is_refused(void **state)
{
	static const char *const wrong[] = { "", "0", "65536", "-1", "+1", " 1",
		"1 ", "1x", "0x10", "1e3", "1.0", "inf", "nan",
		"99999999999999999999999999" };
	char expected[COMPLAINT_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		snprintf(expected, sizeof(expected),
			"option '--port': '%s' is not a number from 1 to 65535",
			wrong[i]);
		assert_wrong(parse("-p", wrong[i], "x"), expected);
		assert_int_equal(values.port, 0);
	}
}

static void what_is_no_time_in_range_is_refused(void **state)
{
	static const char *const wrong[] = { "", ".", "0", "0.09", "86400.1",
		"-1", "1.2.3", "1s", "1e1", "inf", "nan", "1,5", " 1" };
	char expected[COMPLAINT_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		snprintf(expected, sizeof(expected),
			"option '--timeout': '%s' is not a number from 0.1 to 86400",
			wrong[i]);
		assert_wrong(parse("--timeout", wrong[i], "x"), expected);
		assert_int_equal(values.timeout_ms, 0);
	}
}

static void nothing_is_no_zero(void **state)
{
	static const char *const wrong[] = { "", ".", "..", "-", "-0" };
	unsigned ms = 7;
	const struct option_row row = { .value = &ms, .max = 9 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(option_seconds(&row, wrong[i]), -EINVAL);
	assert_int_equal(ms, 7);
	assert_int_equal(option_seconds(&row, "0"), 0);
	assert_int_equal(ms, 0);
	assert_int_equal(option_seconds(&row, "0.0004"), 0);
	assert_int_equal(ms, 1);
}

static void a_choice_is_one_of_its_words(void **state)
{
	static const char *const wrong[] = { "", "aut", "autos", "Always",
		"auto|always", "|", "never " };

	(void)state;
	assert_int_equal(parse("--color=auto", "x"), 2);
	assert_int_equal(values.colour, 0);
	assert_int_equal(parse("--color=always", "x"), 2);
	assert_int_equal(values.colour, 1);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(
			parse("--color", wrong[i], "x"), OPTIONS_WRONG);
	assert_wrong(parse("--color", "red", "x"),
		"option '--color': 'red' is not auto|always|never");
}

static void a_word_may_be_in_any_case(void **state)
{
	static const char *const right[] = { "date", "DATE", "dAtE" };
	static const char *const wrong[] = { "", "dat", "dates", "d\xc1te",
		"date|time", "|" };
	int value = 7;
	const struct option_row row = { 0, "command", "time|date|mix",
		option_word, &value, 0, 0, "which" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(right); i++) {
		value = 7;
		assert_int_equal(option_word(&row, right[i]), 0);
		assert_int_equal(value, 1);
	}
	assert_int_equal(option_word(&row, "Mix"), 0);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(option_word(&row, wrong[i]), -EINVAL);
	assert_int_equal(value, 2);
}

static void what_is_no_option_is_refused(void **state)
{
	(void)state;
	assert_wrong(parse("-z", "x"), "unknown option '-z'");
	assert_wrong(parse("-qz", "x"), "unknown option '-z'");
	assert_wrong(parse("-\xc3\xa9", "x"), "unknown option '-\\xc3'");
	assert_wrong(parse("--h", "x"), "option '--h' is ambiguous");
	assert_wrong(parse("--h=1", "x"), "option '--h=1' is ambiguous");
	assert_wrong(parse("--bogus", "x"), "unknown option '--bogus'");
	assert_wrong(parse("--bogus=1", "x"), "unknown option '--bogus=1'");
	assert_wrong(
		parse("--quiet=1", "x"), "option '--quiet=1' takes no value");
	assert_wrong(parse("x", "--port"), "option '--port' requires a value");
	assert_wrong(parse("x", "-p"), "option '-p' requires a value");
	assert_wrong(parse("--host=", "x"),
		"option '--host': '' is not a valid value");
}

static void there_must_be_as_many_words_as_there_must_be(void **state)
{
	(void)state;
	assert_wrong(parse("-q"), "missing operand");
	assert_wrong(parse("a", "b", "c"), "unexpected operand 'c'");
}

static void a_complaint_has_room_whatever_is_wrong(void **state)
{
	char word[4096] = "--port=";

	(void)state;
	memset(word + 7, '9', sizeof(word) - 8);
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(parse(word, "x"), OPTIONS_WRONG);
	memcpy(word, "--none=", 7);
	assert_int_equal(parse(word, "x"), OPTIONS_WRONG);
	assert_int_equal(parse("a", "b", word + 7), OPTIONS_WRONG);
	assert_non_null(strstr(complaint->text, word + 7));
}

/* What options_answer() writes. */
static const char *answer(int result, bool expected)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	memset(text, 0, sizeof(text));
	assert_int_equal(options_answer(&options, result, out), expected);
	fclose(out);
	return text;
}

static void help_is_made_of_the_rows(void **state)
{
	(void)state;
	assert_int_equal(parse("--help"), OPTIONS_HELP);
	assert_int_equal(parse("-h", "--port", "wrong"), OPTIONS_HELP);
	assert_string_equal(answer(OPTIONS_HELP, true),
		"Usage: trial [options] HOST [WORD]\n"
		"Tries options.\n"
		"\n"
		"  -q, --quiet                 say less\n"
		"      --host ADDR             where\n"
		"  -p, --port N                which port (default 1337)\n"
		"  -t, --timeout SECONDS       how long\n"
		"      --color auto|always|never\n"
		"                              a spelling that takes a line "
		"of its own\n"
		"      --key KEY               one of several\n"
		"  -h, --help                  show this help and exit\n"
		"      --version               show the version and exit\n"
		"\n"
		"Examples:\n"
		"  trial x    try x\n"
		"\n"
		"That is all.\n");
}

static void the_version_is_told(void **state)
{
	(void)state;
	assert_int_equal(parse("--version"), OPTIONS_VERSION);
	assert_string_equal(
		answer(OPTIONS_VERSION, true), "trial " SMX_VERSION "\n");
	assert_string_equal(answer(OPTIONS_WRONG, false), "");
	assert_string_equal(answer(1, false), "");
}

static int checked;

static int check(char **words, int count, struct complaint *wrong)
{
	checked = count;
	return strcmp(words[0], "bad") ? 0
				       : complaint_print(wrong, -EINVAL, "bad");
}

/* How a main() begins with this command line, and where it says so. */
static int begin(const char *first, const char *file)
{
	struct options checking = options;
	const char *words[] = { "trial", first, NULL };
	FILE *out = fopen(file, "we");
	int result;

	assert_non_null(out);
	setvbuf(out, NULL, _IOFBF, 4096);
	checking.check = check;
	checked = optind = 0;
	result = options_begin(
		&checking, first ? 2 : 1, (char **)words, out, complaint);
	assert_int_equal(options_status(&checking, OPTIONS_CANNOT_START), 0);
	checking.cannot_start = 3;
	assert_int_equal(options_status(&checking, OPTIONS_CANNOT_START), 3);
	fclose(out);
	return result;
}

static void a_program_begins_with_options_and_their_check(void **state)
{
	(void)state;
	assert_int_equal(begin("good", "/dev/null"), 1);
	assert_int_equal(checked, 1);
	assert_string_equal(complaint->text, "");
	assert_wrong(begin("bad", "/dev/null"), "bad (see trial --help)");
	assert_int_equal(begin("--no", "/dev/null"), OPTIONS_WRONG);
	assert_int_equal(checked, 0);
	assert_int_equal(options_status(&options, OPTIONS_WRONG), 2);
}

static void help_that_cannot_be_written_is_a_failure(void **state)
{
	(void)state;
	assert_int_equal(begin("--help", "/dev/null"), OPTIONS_HELP);
	assert_int_equal(options_status(&options, OPTIONS_HELP), 0);
	assert_int_equal(begin("--help", "/dev/full"), OPTIONS_MUTE);
	assert_non_null(strstr(complaint->text, strerror(ENOSPC)));
	assert_int_equal(options_status(&options, OPTIONS_MUTE), 1);
	assert_int_equal(checked, 0);
}

static void an_option_that_counts_once_is_given_once(void **state)
{
	(void)state;
	assert_wrong(parse("--host", "a", "x", "--host", "a"),
		"option '--host' is given more than once");
	assert_wrong(parse("-p1", "--port=1", "x"),
		"option '--port' is given more than once");
	assert_wrong(
		parse("-qq", "x"), "option '--quiet' is given more than once");
}

static void a_list_is_given_as_often_as_one_likes(void **state)
{
	(void)state;
	assert_int_equal(parse("--key", "a", "--key=b", "x"), 4);
	assert_int_equal(values.keys.count, 2);
	assert_string_equal(values.keys.texts[0], "a");
	assert_string_equal(values.keys.texts[1], "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_goes_where_its_row_says),
		cmocka_unit_test(what_is_not_given_stays),
		cmocka_unit_test(words_and_options_may_be_mixed),
		cmocka_unit_test(bounds_belong_to_the_range),
		cmocka_unit_test(what_is_no_number_in_range_is_refused),
		cmocka_unit_test(what_is_no_time_in_range_is_refused),
		cmocka_unit_test(nothing_is_no_zero),
		cmocka_unit_test(a_choice_is_one_of_its_words),
		cmocka_unit_test(a_word_may_be_in_any_case),
		cmocka_unit_test(what_is_no_option_is_refused),
		cmocka_unit_test(there_must_be_as_many_words_as_there_must_be),
		cmocka_unit_test(a_complaint_has_room_whatever_is_wrong),
		cmocka_unit_test(help_is_made_of_the_rows),
		cmocka_unit_test(the_version_is_told),
		cmocka_unit_test(a_program_begins_with_options_and_their_check),
		cmocka_unit_test(help_that_cannot_be_written_is_a_failure),
		cmocka_unit_test(an_option_that_counts_once_is_given_once),
		cmocka_unit_test(a_list_is_given_as_often_as_one_likes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
