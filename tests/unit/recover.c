// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <strings.h>

#include "proto/recover.h"

static const uint8_t zero_key[XOR_KEY_BYTES];

enum { WAIT = 0 };

/* Appends text as one message: under the key from its beginning. */
static size_t put(
	uint8_t *to, size_t at, const char *text, size_t n, const uint8_t *key)
{
	for (size_t i = 0; i < n; i++)
		to[at + i] = (uint8_t)text[i] ^ key[i % XOR_KEY_BYTES];
	return at + n;
}

static void draw_key(uint8_t key[static XOR_KEY_BYTES])
{
	dice_bytes(key, XOR_KEY_BYTES);
}

static void assert_request(const uint8_t *key, const uint8_t *in, size_t n,
	bool late, size_t taken, enum command expected)
{
	enum command request = COMMAND_COUNT;

	assert_int_equal(recover_request(key, in, n, late, &request), taken);
	if (taken)
		assert_int_equal(request, expected);
}

/* Messages in the clear, as a key of zeros leaves them. */
static void assert_plain(const char *text, size_t taken, enum command expected)
{
	assert_request(zero_key, (const uint8_t *)text, strlen(text), false,
		taken, expected);
}

static void a_word_under_a_key_is_recovered(void **state)
{
	/* 'T' is 54, and 54 ^ 01 = 55; 'I' is 49, and 49 ^ 02 = 4B; ... */
	static const uint8_t time[] = { 0x55, 0x4b, 0x4e, 0x41 };
	static const uint8_t end[] = { 0x64, 0x6c, 0x67 };
	uint8_t key[XOR_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i + 1);
	assert_request(key, time, 4, false, 4, COMMAND_TIME);
	assert_request(key, end, 3, false, 3, COMMAND_END);
}

static void words_that_are_joined_are_taken_one_by_one(void **state)
{
	(void)state;
	assert_plain("TIMEDATE", 4, COMMAND_TIME);
	assert_plain("dateD", 4, COMMAND_DATE);
	assert_plain("ENDTIME", 3, COMMAND_END);
	assert_plain(" \tTempEN", 6, COMMAND_TEMP);
}

static void white_space_around_a_word_goes_with_it(void **state)
{
	(void)state;
	assert_plain("TIME \r\n\t\v\f", 10, COMMAND_TIME);
	assert_plain("\r\n END\r\n", 8, COMMAND_END);
}

static void what_is_neither_word_nor_beginning_is_unknown_whole(void **state)
{
	(void)state;
	assert_plain("hello", 5, COMMAND_UNKNOWN);
	assert_plain(" ", 1, COMMAND_UNKNOWN);
	assert_plain("TIMEX", 5, COMMAND_UNKNOWN);
	assert_plain("TIME DATE", 9, COMMAND_UNKNOWN);
	assert_plain("TIME X", 6, COMMAND_UNKNOWN);
	assert_plain("TI ME", 5, COMMAND_UNKNOWN);
	assert_plain("XTIME", 5, COMMAND_UNKNOWN);
}

static void the_beginning_of_a_word_waits_and_is_then_unknown(void **state)
{
	static const char *const beginnings[] = { "T", "ti", "TEM", "D", "dat",
		"E", "EN", " \nT", "\t\tEN" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(beginnings); i++) {
		const uint8_t *text = (const uint8_t *)beginnings[i];
		size_t n = strlen(beginnings[i]);

		assert_request(zero_key, text, n, false, WAIT, 0);
		assert_request(zero_key, text, n, true, n, COMMAND_UNKNOWN);
	}
}

static void the_window_is_1024_bytes(void **state)
{
	uint8_t in[2 * MESSAGE_MAX];

	(void)state;
	memset(in, 'x', sizeof(in));
	assert_request(zero_key, in, 1024, false, 1024, COMMAND_UNKNOWN);
	assert_request(zero_key, in, 1025, false, 1024, COMMAND_UNKNOWN);
	assert_request(zero_key, in, 2048, false, 1024, COMMAND_UNKNOWN);
	memset(in, ' ', sizeof(in));
	assert_request(zero_key, in, 2048, false, 1024, COMMAND_UNKNOWN);
	memcpy(in + 1020, "TIME", 4);
	assert_request(zero_key, in, 2048, false, 1024, COMMAND_TIME);
	assert_request(zero_key, in, 1023, false, WAIT, 0);
	/* A full window that only begins a word can grow no further. */
	memcpy(in + 1020, " TIM", 4);
	assert_request(zero_key, in, 2048, false, 1024, COMMAND_UNKNOWN);
}

/*
 * Rules 1 to 4 of "Requests, recovered by the server", word by word and with
 * no thought of speed.
 */
static const char *const words[] = { "TIME", "DATE", "TEMP", "END" };

static size_t white_at_start(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && text[i] && strchr("\t\n\v\f\r ", text[i]))
		i++;
	return i;
}

static bool begins_with_word(const char *text, size_t n, enum command *which)
{
	for (size_t w = 0; w < COUNT_OF(words); w++)
		if (n >= strlen(words[w]) &&
			!strncasecmp(text, words[w], strlen(words[w]))) {
			*which = (enum command)w;
			return true;
		}
	return false;
}

static bool is_proper_prefix(const char *text, size_t n)
{
	for (size_t w = 0; w < COUNT_OF(words); w++)
		if (n > 0 && n < strlen(words[w]) &&
			!strncasecmp(text, words[w], n))
			return true;
	return false;
}

static size_t recover_slowly(const uint8_t *key, const uint8_t *in, size_t n,
	bool late, enum command *request)
{
	char b[MESSAGE_MAX], r[MESSAGE_MAX];
	size_t white, used;
	enum command ignored;

	n = min_size(n, MESSAGE_MAX);
	put((uint8_t *)b, 0, (const char *)in, n, key);
	white = white_at_start(b, n);
	if (begins_with_word(b + white, n - white, request)) {
		used = white + strlen(words[*request]);
		put((uint8_t *)r, 0, (const char *)in + used, n - used, key);
		if (begins_with_word(r, n - used, &ignored) ||
			is_proper_prefix(r, n - used))
			return used; /* 1 */
		if (white_at_start(b + used, n - used) == n - used)
			return n; /* 2 */
	}
	if (is_proper_prefix(b + white, n - white) && !late && n < MESSAGE_MAX)
		return WAIT; /* 3 */
	*request = COMMAND_UNKNOWN;
	return n; /* 4 */
}

/* One message of those that people and programs send. */
static size_t put_something(uint8_t *to, size_t at, const uint8_t *key)
{
	char text[64] = "";
	size_t n = 0, until;

	if (dice_below(3) == 0)
		for (until = dice_below(4); n < until; n++)
			text[n] = "\t\n\v\f\r \0x"[dice_below(8)];
	if (dice_below(6)) {
		strcpy(text + n, words[dice_below(4)]);
		for (until = strlen(text); n < until; n++)
			text[n] = (char)(text[n] ^ (dice_below(2) ? 0x20 : 0));
	} else {
		until = n + dice_below(20);
		dice_bytes((uint8_t *)text + n, until - n);
		n = until;
	}
	if (dice_below(6) == 0)
		for (until = n + dice_below(4); n < until; n++)
			text[n] = "\t\n\v\f\r \0x"[dice_below(8)];
	return put(to, at, text, n - (dice_below(6) == 0 && n), key);
}

static void whatever_comes_is_recovered_as_the_rules_say(void **state)
{
	static uint8_t in[4096];

	(void)state;
	for (int run = 0; run < 60000; run++) {
		uint8_t key[XOR_KEY_BYTES] = { 0 };
		size_t n = 0, at = 0, most = run % 50 ? 40 : 2000;

		if (run % 3)
			draw_key(key);
		if (run % 3 == 2) /* few different bytes: much looks alike */
			for (size_t i = 0; i < sizeof(key); i++)
				key[i] &= 0x21;
		while (n < most)
			n = put_something(in, n, key);
		while (at < n) {
			bool late = dice_below(2);
			enum command expected = COMMAND_COUNT;
			size_t taken = recover_slowly(
				key, in + at, n - at, late, &expected);

			assert_request(
				key, in + at, n - at, late, taken, expected);
			if (!taken)
				break;
			at += taken;
		}
	}
}

static void noise_is_recovered_as_the_rules_say(void **state)
{
	static const char alphabet[] = "TIMEDANPtimedanp \n\t\rx";

	(void)state;
	for (int run = 0; run < 500000; run++) {
		uint8_t in[12];
		size_t n = 1 + dice_below(sizeof(in));
		bool late = dice_below(2);
		enum command expected = COMMAND_COUNT;
		size_t taken;

		for (size_t i = 0; i < n; i++)
			in[i] = (uint8_t)alphabet[dice_below(21)];
		taken = recover_slowly(zero_key, in, n, late, &expected);
		assert_request(zero_key, in, n, late, taken, expected);
	}
}

static ssize_t reply_to(enum command asked, const char *text, size_t n,
	bool late, struct reply *reply)
{
	uint8_t key[XOR_KEY_BYTES], in[64];

	draw_key(key);
	put(in, 0, text, n, key);
	return recover_reply(key, in, n, late, asked, reply);
}

static void assert_reply(enum command asked, const char *text, size_t n,
	bool late, ssize_t taken)
{
	struct reply reply = { .length = 99 };

	assert_int_equal(reply_to(asked, text, n, late, &reply), taken);
	if (taken > 0) {
		assert_int_equal(reply.length, taken);
		assert_memory_equal(reply.text, text, (size_t)taken);
		assert_int_equal(reply.text[taken], 0);
	} else {
		assert_int_equal(reply.length, 99); /* untouched */
	}
}

static void a_time_is_whole_at_15_bytes_or_at_8_and_silence(void **state)
{
	static const char text[] = "12:34:56.789012";

	(void)state;
	for (size_t n = 1; n < 15; n++) {
		assert_reply(COMMAND_TIME, text, n, false, WAIT);
		assert_reply(COMMAND_TIME, text, n, true, n == 8 ? 8 : WAIT);
	}
	assert_reply(COMMAND_TIME, text, 15, false, 15);
	assert_reply(COMMAND_TIME, text, 15, true, 15);
}

static void a_date_is_whole_at_10_bytes(void **state)
{
	static const char text[] = "2024-11-25";

	(void)state;
	for (size_t n = 1; n < 10; n++) {
		assert_reply(COMMAND_DATE, text, n, false, WAIT);
		assert_reply(COMMAND_DATE, text, n, true, WAIT);
	}
	assert_reply(COMMAND_DATE, text, 10, false, 10);
}

static void a_temperature_is_whole_after_silence(void **state)
{
	static const char *const texts[] = { "0", "7", "-1", "-100", "100",
		"-999", "9999" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		size_t n = strlen(texts[i]);

		assert_reply(COMMAND_TEMP, texts[i], n, false, WAIT);
		assert_reply(COMMAND_TEMP, texts[i], n, true, (ssize_t)n);
	}
	assert_reply(COMMAND_TEMP, "-", 1, true, WAIT);
}

static void an_error_is_four_bytes_whatever_was_asked(void **state)
{
	static const char text[] = "\xde\xad\xbe\xef";

	(void)state;
	for (enum command c = COMMAND_TIME; c <= COMMAND_TEMP; c++) {
		for (size_t n = 1; n < 4; n++) {
			assert_reply(c, text, n, false, WAIT);
			assert_reply(c, text, n, true, WAIT);
		}
		assert_reply(c, text, 4, false, 4);
		assert_reply(c, "\xde\xad\xbe\xef??", 6, false, 4);
		assert_reply(c, "\xde\xad\xbe\xee", 4, false, -EPROTO);
		assert_reply(c, "\xde\xae", 2, false, -EPROTO);
	}
}

static void a_reply_of_fixed_length_leaves_what_follows(void **state)
{
	(void)state;
	assert_reply(COMMAND_TIME, "12:34:56.7890122024-11-25", 25, false, 15);
	assert_reply(COMMAND_DATE, "2024-11-2512:34:56.789012", 25, false, 10);
	assert_reply(COMMAND_TEMP, "71\xde\xad\xbe\xef", 6, true, -EPROTO);
}

static void a_reply_to_something_else_is_refused(void **state)
{
	static const struct {
		enum command asked;
		const char *text;
	} wrong[] = {
		{ COMMAND_TIME, "2024-11-25" },
		{ COMMAND_TIME, "-7" },
		{ COMMAND_TIME, "12:34:56,789012" },
		{ COMMAND_TIME, "12:34:562024-11-25" },
		{ COMMAND_TIME, "24:00:00.000000" },
		{ COMMAND_DATE, "12:34:56.789012" },
		{ COMMAND_DATE, "2024-11-32" },
		{ COMMAND_DATE, "24-11-2024" },
		{ COMMAND_TEMP, "12:34:56.789012" },
		{ COMMAND_TEMP, "2024-11-25" },
		{ COMMAND_TEMP, "20.5" },
		{ COMMAND_TEMP, "10000" },
		{ COMMAND_TEMP, "\n" },
		{ COMMAND_TEMP, "TEMP" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		size_t n = strlen(wrong[i].text);

		assert_reply(wrong[i].asked, wrong[i].text, n, false, -EPROTO);
		assert_reply(wrong[i].asked, wrong[i].text, n, true, -EPROTO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_under_a_key_is_recovered),
		cmocka_unit_test(words_that_are_joined_are_taken_one_by_one),
		cmocka_unit_test(white_space_around_a_word_goes_with_it),
		cmocka_unit_test(
			what_is_neither_word_nor_beginning_is_unknown_whole),
		cmocka_unit_test(
			the_beginning_of_a_word_waits_and_is_then_unknown),
		cmocka_unit_test(the_window_is_1024_bytes),
		cmocka_unit_test(whatever_comes_is_recovered_as_the_rules_say),
		cmocka_unit_test(noise_is_recovered_as_the_rules_say),
		cmocka_unit_test(
			a_time_is_whole_at_15_bytes_or_at_8_and_silence),
		cmocka_unit_test(a_date_is_whole_at_10_bytes),
		cmocka_unit_test(a_temperature_is_whole_after_silence),
		cmocka_unit_test(an_error_is_four_bytes_whatever_was_asked),
		cmocka_unit_test(a_reply_of_fixed_length_leaves_what_follows),
		cmocka_unit_test(a_reply_to_something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
