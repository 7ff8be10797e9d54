// SPDX-License-Identifier: MIT
#include "helper.h"

#include <strings.h>

#include "proto/command.h"

static const char *const words[] = { "TIME", "DATE", "TEMP", "END" };

/* No command: what must not have been touched. */
static const enum command untouched = COMMAND_COUNT;

static enum match match(const char *text, size_t n, enum command *command)
{
	*command = untouched;
	return command_match((const uint8_t *)text, n, command);
}

static void every_word_is_known_in_every_mixture_of_case(void **state)
{
	(void)state;
	for (size_t w = 0; w < COUNT_OF(words); w++)
		for (unsigned small = 0; small < 16; small++) {
			size_t n = strlen(words[w]);
			enum command command;
			char text[5] = "";

			for (size_t i = 0; i < n; i++)
				text[i] = (char)(words[w][i] ^
						 (small >> i & 1 ? 0x20 : 0));
			assert_int_equal(match(text, n, &command), MATCH_WORD);
			assert_int_equal(command, w);
		}
}

static void a_word_says_how_it_is_spelt(void **state)
{
	(void)state;
	for (enum command c = COMMAND_TIME; c <= COMMAND_END; c++) {
		assert_string_equal(command_word(c), words[c]);
		assert_int_equal(command_length(c), strlen(words[c]));
	}
	assert_string_equal(command_word(COMMAND_UNKNOWN), "");
}

static void no_word_begins_another_and_all_are_capitals(void **state)
{
	(void)state;
	for (enum command c = 0; c < COMMAND_UNKNOWN; c++) {
		size_t n = command_length(c);

		assert_int_equal(
			strspn(command_word(c), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
			n);
		for (enum command d = 0; d < COMMAND_UNKNOWN; d++)
			assert_true(c == d || strncmp(command_word(c),
						      command_word(d), n));
	}
}

/* The protocol page's definition, the slow way. */
static enum match match_slowly(
	const uint8_t *text, size_t n, enum command *command)
{
	for (size_t w = 0; w < COUNT_OF(words); w++) {
		size_t length = strlen(words[w]);
		char start[5] = "";

		memcpy(start, text, min_size(n, 4));
		if (n >= length && !strncasecmp(start, words[w], length)) {
			*command = (enum command)w;
			return MATCH_WORD;
		}
		if (n && n < length && strlen(start) == n &&
			!strncasecmp(start, words[w], n))
			return MATCH_PREFIX;
	}
	return MATCH_NONE;
}

static void assert_matches_as_defined(const uint8_t *text, size_t n)
{
	enum command found = untouched, expected = untouched;

	assert_int_equal(command_match(text, n, &found),
		match_slowly(text, n, &expected));
	assert_int_equal(found, expected);
}

static void nothing_else_is_known(void **state)
{
	/* All letters, and what differs from one in a single bit. */
	static const uint8_t near[] = "TIMEDANPtimedanpS4\x14\xd4\x05!\0 ";
	const size_t n = sizeof(near) - 1;

	(void)state;
	assert_matches_as_defined(near, 0);
	for (unsigned i = 0; i < 1 << 16; i++) {
		uint8_t text[] = { (uint8_t)i, (uint8_t)(i >> 8) };

		assert_matches_as_defined(text, 1);
		assert_matches_as_defined(text, 2);
	}
	for (size_t i = 0; i < n * n * n * n; i++) {
		uint8_t text[] = { near[i % n], near[i / n % n],
			near[i / n / n % n], near[i / n / n / n] };

		assert_matches_as_defined(text, 3);
		assert_matches_as_defined(text, 4);
	}
}

static void what_follows_a_word_does_not_matter(void **state)
{
	enum command command;

	(void)state;
	assert_int_equal(match("ENDDATE", 7, &command), MATCH_WORD);
	assert_int_equal(command, COMMAND_END);
	assert_int_equal(match("date\xff", 5, &command), MATCH_WORD);
	assert_int_equal(command, COMMAND_DATE);
	assert_int_equal(match(" END", 4, &command), MATCH_NONE);
	assert_int_equal(command, untouched);
}

static enum command parse(const char *text)
{
	return command_parse((const uint8_t *)text, strlen(text));
}

static void a_message_is_a_word_with_white_space_around_it(void **state)
{
	static const char *const others[] = { "", " ", "TIM", "TIMEX", "X TIME",
		"TIME DATE", "TIMEDATE", "T IME", "\x01TIME", "TIME\x01" };

	(void)state;
	for (enum command c = COMMAND_TIME; c <= COMMAND_END; c++)
		assert_int_equal(parse(words[c]), c);
	assert_int_equal(parse(" \t\n\v\f\rEnd\r\f\v\n\t "), COMMAND_END);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_int_equal(parse(others[i]), COMMAND_UNKNOWN);
}

static void six_bytes_are_white(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++)
		assert_int_equal(is_white((uint8_t)c),
			c && strchr("\t\n\v\f\r ", c) != NULL);
}

static enum fit fit(enum command command, const char *text)
{
	return command_fit(command, (const uint8_t *)text, strlen(text));
}

static void every_second_of_a_day_is_a_time(void **state)
{
	char text[64];

	(void)state;
	for (int s = 0; s < 86400; s++) {
		snprintf(text, sizeof(text), "%02d:%02d:%02d.%06d", s / 3600,
			s / 60 % 60, s % 60, s * 11 % 1000000);
		assert_int_equal(fit(COMMAND_TIME, text), FIT_WHOLE);
	}
	assert_int_equal(fit(COMMAND_TIME, "23:59:60.999999"), FIT_WHOLE);
	assert_int_equal(fit(COMMAND_TIME, "24:00:00.000000"), FIT_NONE);
	assert_int_equal(fit(COMMAND_TIME, "23:60:00.000000"), FIT_NONE);
	assert_int_equal(fit(COMMAND_TIME, "23:59:61.000000"), FIT_NONE);
}

static void every_day_of_a_calendar_is_a_date(void **state)
{
	char text[64];

	(void)state;
	for (int day = 1; day <= 31; day++)
		for (int month = 1; month <= 12; month++) {
			snprintf(text, sizeof(text), "%04d-%02d-%02d",
				1970 + 250 * day, month, day);
			assert_int_equal(fit(COMMAND_DATE, text), FIT_WHOLE);
		}
	assert_int_equal(fit(COMMAND_DATE, "2024-00-01"), FIT_NONE);
	assert_int_equal(fit(COMMAND_DATE, "2024-13-01"), FIT_NONE);
	assert_int_equal(fit(COMMAND_DATE, "2024-01-00"), FIT_NONE);
	assert_int_equal(fit(COMMAND_DATE, "2024-01-32"), FIT_NONE);
}

/* The characters that may stand in each place of a whole reply. */
#define D "0123456789"
static const char *const time_places[] = { "012", D, ":", "012345", D, ":",
	"0123456", D, ".", D, D, D, D, D, D };
static const char *const date_places[] = { D, D, D, D, "-", "01", "012", "-",
	"0123", D };

static void assert_places(
	enum command command, const char *whole, const char *const *places)
{
	size_t n = strlen(whole);

	assert_int_equal(command_reply_bytes(command), n);
	for (size_t i = 0; i < n; i++)
		for (int c = 1; c < 256; c++) {
			enum fit good = i + 1 == n ? FIT_WHOLE : FIT_PARTLY;
			char text[REPLY_MAX + 1];

			strcpy(text, whole);
			text[i] = (char)c;
			if (!strchr(places[i], c))
				good = FIT_NONE;
			else if (command == COMMAND_TIME && i == 7)
				good = FIT_PERHAPS;
			assert_int_equal(
				command_fit(command, (uint8_t *)text, i + 1),
				good);
			assert_int_equal(fit(command, text),
				good == FIT_NONE ? FIT_NONE : FIT_WHOLE);
		}
}

static void a_reply_has_one_form_place_by_place(void **state)
{
	(void)state;
	assert_places(COMMAND_TIME, "12:34:50.789012", time_places);
	assert_places(COMMAND_DATE, "2024-11-11", date_places);
	assert_int_equal(command_reply_bytes(COMMAND_TEMP), 0);
}

static void every_fixed_reply_fits(void **state)
{
	(void)state;
	for (enum command c = 0; c < COMMAND_UNKNOWN; c++)
		assert_in_range(command_reply_bytes(c), 0, REPLY_MAX);
}

static void a_reply_ends_where_it_ends(void **state)
{
	(void)state;
	assert_int_equal(fit(COMMAND_TIME, ""), FIT_PARTLY);
	assert_int_equal(fit(COMMAND_TIME, "12:34:56"), FIT_PERHAPS);
	assert_int_equal(fit(COMMAND_TIME, "12:34:61"), FIT_NONE);
	assert_int_equal(fit(COMMAND_TIME, "12:34:56.7890123"), FIT_NONE);
	assert_int_equal(fit(COMMAND_DATE, ""), FIT_PARTLY);
	assert_int_equal(fit(COMMAND_DATE, "2024-11-250"), FIT_NONE);
}

static void every_temperature_has_a_form_and_no_end(void **state)
{
	static const char *const wrong[] = { "+1", "1.5", "--1", "1-", " 1",
		"-1234", "12345", "00021", "-0007", "-\n", "/", ":", "12\n",
		"0x1" };
	char text[8];

	(void)state;
	for (int t = TEMP_MIN; t <= TEMP_MAX; t++) {
		snprintf(text, sizeof(text), "%d", t);
		assert_int_equal(fit(COMMAND_TEMP, text), FIT_PERHAPS);
	}
	assert_int_equal(fit(COMMAND_TEMP, ""), FIT_PARTLY);
	assert_int_equal(fit(COMMAND_TEMP, "-"), FIT_PARTLY);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(fit(COMMAND_TEMP, wrong[i]), FIT_NONE);
}

static bool is_reply(enum command command, const char *text)
{
	return command_is_reply(command, (const uint8_t *)text, strlen(text));
}

static void a_whole_message_is_a_reply_or_is_not(void **state)
{
	(void)state;
	for (enum command c = COMMAND_TIME; c <= COMMAND_TEMP; c++) {
		assert_true(is_reply(c, "\xde\xad\xbe\xef"));
		assert_false(is_reply(c, "\xde\xad\xbe"));
		assert_false(is_reply(c, "\xde\xad\xbe\xef."));
		assert_int_equal(
			is_reply(c, "12:34:56.789012"), c == COMMAND_TIME);
		assert_int_equal(is_reply(c, "2024-11-25"), c == COMMAND_DATE);
		assert_int_equal(is_reply(c, "-7"), c == COMMAND_TEMP);
		assert_false(is_reply(c, "12:34:56.78901"));
		/* Where the original may end it, but a frame does not. */
		assert_false(is_reply(c, "12:34:56"));
		assert_false(is_reply(c, "2024-11-2"));
		assert_false(is_reply(c, "-"));
	}
}

static void what_does_not_fit_never_fits_with_more(void **state)
{
	static const char alphabet[] = "0123456789:.-";

	(void)state;
	for (int run = 0; run < 200000; run++) {
		enum command command = (enum command)dice_below(3);
		enum fit before = FIT_PARTLY;
		uint8_t text[REPLY_MAX];

		for (size_t n = 0; n < sizeof(text); n++) {
			enum fit now = command_fit(command, text, n);

			if (before == FIT_NONE || before == FIT_WHOLE)
				assert_int_equal(now, FIT_NONE);
			before = now;
			text[n] = (uint8_t)alphabet[dice_below(13)];
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_known_in_every_mixture_of_case),
		cmocka_unit_test(a_word_says_how_it_is_spelt),
		cmocka_unit_test(no_word_begins_another_and_all_are_capitals),
		cmocka_unit_test(nothing_else_is_known),
		cmocka_unit_test(what_follows_a_word_does_not_matter),
		cmocka_unit_test(
			a_message_is_a_word_with_white_space_around_it),
		cmocka_unit_test(six_bytes_are_white),
		cmocka_unit_test(every_second_of_a_day_is_a_time),
		cmocka_unit_test(every_day_of_a_calendar_is_a_date),
		cmocka_unit_test(a_reply_has_one_form_place_by_place),
		cmocka_unit_test(every_fixed_reply_fits),
		cmocka_unit_test(a_reply_ends_where_it_ends),
		cmocka_unit_test(every_temperature_has_a_form_and_no_end),
		cmocka_unit_test(a_whole_message_is_a_reply_or_is_not),
		cmocka_unit_test(what_does_not_fit_never_fits_with_more),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
