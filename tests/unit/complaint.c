// SPDX-License-Identifier: MIT
#include "helper.h"

#include "base/complaint.h"

/* A complaint of n letters and then tail, and what it comes to behind them. */
static const char *say(size_t n, const char *tail)
{
	static struct complaint c;
	static char letters[COMPLAINT_BYTES];

	memset(letters, 'a', n);
	letters[n] = '\0';
	assert_int_equal(complaint_print(&c, -7, "%s%s", letters, tail), -7);
	assert_memory_equal(c.text, letters, n);
	return c.text + n;
}

static void what_fits_is_whole(void **state)
{
	(void)state;
	assert_string_equal(say(0, "1234567"), "1234567");
	assert_string_equal(say(COMPLAINT_BYTES - 8, "1234567"), "1234567");
}

static void a_cut_is_between_two_characters_and_shows(void **state)
{
	const size_t n = COMPLAINT_BYTES - 8;

	(void)state;
	assert_string_equal(say(n, "12345678"), "1234...");
	assert_string_equal(say(n, "123\u00e445678"), "123...");
	assert_string_equal(say(n, "1\U0001f60045678"), "1...");
	assert_string_equal(say(n, "12\u00e445678"), "12\u00e4...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_whole),
		cmocka_unit_test(a_cut_is_between_two_characters_and_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
