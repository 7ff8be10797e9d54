// SPDX-License-Identifier: MIT
#include "helper.h"

#include "base/complaint.h"

static void what_fits_is_whole(void **state)
{
	char text[8];

	(void)state;
	complaint_print(text, sizeof(text), "%s", "1234567");
	assert_string_equal(text, "1234567");
}

static void a_cut_is_between_two_characters_and_shows(void **state)
{
	char text[8];

	(void)state;
	complaint_print(text, sizeof(text), "%s", "12345678");
	assert_string_equal(text, "1234...");
	complaint_print(text, sizeof(text), "%s", "123\u00e445678");
	assert_string_equal(text, "123...");
	complaint_print(text, sizeof(text), "%s", "1\U0001f60045678");
	assert_string_equal(text, "1...");
	complaint_print(text, sizeof(text), "%s", "12\u00e445678");
	assert_string_equal(text, "12\u00e4...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_whole),
		cmocka_unit_test(a_cut_is_between_two_characters_and_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
