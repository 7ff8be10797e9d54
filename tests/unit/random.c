// SPDX-License-Identifier: MIT
#include "helper.h"

#include <limits.h>

#include "crypto/random.h"

static void it_may_be_initialised_twice(void **state)
{
	(void)state;
	assert_int_equal(crypto_init(), 0);
	assert_int_equal(crypto_init(), 0);
}

static void every_byte_comes_and_none_too_often(void **state)
{
	static uint8_t bytes[1 << 20];
	unsigned seen[256] = { 0 };

	(void)state;
	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		seen[bytes[i]]++;
	/* 4096 each, give or take ten standard deviations. */
	for (int c = 0; c < 256; c++)
		assert_in_range(seen[c], 4096 - 640, 4096 + 640);
}

static void no_more_is_written_than_was_asked_for(void **state)
{
	uint8_t bytes[16] = { 0 };

	(void)state;
	random_bytes(bytes, 0);
	for (int i = 0; i < 100; i++)
		random_bytes(bytes + 4, 8);
	for (int i = 0; i < 4; i++)
		assert_int_equal(bytes[i] | bytes[15 - i], 0);
}

static void an_integer_is_anything_between_its_bounds(void **state)
{
	bool seen[201] = { false };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int n = random_between(-100, 100);

		assert_true(n >= -100 && n <= 100);
		seen[n + 100] = true;
	}
	for (int i = 0; i < 201; i++)
		assert_true(seen[i]);
	assert_int_equal(random_between(7, 7), 7);
	assert_int_equal(random_between(INT_MIN, INT_MIN), INT_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_may_be_initialised_twice),
		cmocka_unit_test(every_byte_comes_and_none_too_often),
		cmocka_unit_test(no_more_is_written_than_was_asked_for),
		cmocka_unit_test(an_integer_is_anything_between_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
