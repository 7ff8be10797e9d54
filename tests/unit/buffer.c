// SPDX-License-Identifier: MIT
#include "helper.h"

#include "base/buffer.h"

static void what_fits_is_appended(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct buffer b = { .bytes = bytes, .size = sizeof(bytes) };

	(void)state;
	assert_ptr_equal(buffer_extend(&b, 3), bytes);
	assert_ptr_equal(buffer_extend(&b, 0), bytes + 3);
	assert_ptr_equal(buffer_extend(&b, 5), bytes + 3);
	assert_int_equal(b.len, 8);
}

static void what_does_not_fit_changes_nothing(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct buffer b = { .bytes = bytes, .len = 5, .size = sizeof(bytes) };

	(void)state;
	assert_null(buffer_extend(&b, 4));
	assert_null(buffer_extend(&b, SIZE_MAX));
	assert_null(buffer_extend(&b, SIZE_MAX - 4));
	assert_int_equal(b.len, 5);
	assert_ptr_equal(buffer_extend(&b, 3), bytes + 5);
}

static void an_empty_buffer_takes_nothing(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_null(buffer_extend(&b, 1));
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_appended),
		cmocka_unit_test(what_does_not_fit_changes_nothing),
		cmocka_unit_test(an_empty_buffer_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
