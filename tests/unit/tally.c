// SPDX-License-Identifier: MIT
#include "helper.h"

#include "bench/tally.h"

static struct tally one, two;

static int empty(void **state)
{
	(void)state;
	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	return 0;
}

static void what_was_not_counted_is_zero(void **state)
{
	(void)state;
	for (enum tally_count i = 0; i < TALLY_COUNTS; i++)
		assert_int_equal(tally_counted(&one, i), 0);
	assert_int_equal(tally_failed(&one), 0);
}

static void adding_adds_counts_and_times(void **state)
{
	(void)state;
	for (enum tally_count i = 0; i < TALLY_COUNTS; i++) {
		tally_count(&one, i, i + 1);
		tally_count(&two, i, 100);
	}
	histogram_record(&one.times[TALLY_REQUEST], 7);
	histogram_record(&two.times[TALLY_REQUEST], 9);
	histogram_record(&two.times[TALLY_CONNECT], 5);
	tally_add(&one, &two);
	for (enum tally_count i = 0; i < TALLY_COUNTS; i++) {
		assert_int_equal(tally_counted(&one, i), i + 101);
		assert_int_equal(tally_counted(&two, i), 100);
	}
	assert_int_equal(histogram_total(&one.times[TALLY_REQUEST]), 2);
	assert_int_equal(histogram_max(&one.times[TALLY_REQUEST]), 9);
	assert_int_equal(histogram_total(&one.times[TALLY_CONNECT]), 1);
	assert_int_equal(histogram_total(&one.times[TALLY_EXCHANGE]), 0);
}

static void failed_connections_are_those_of_all_reasons(void **state)
{
	uint64_t reasons = TALLY_COUNTS - TALLY_FAILED;

	(void)state;
	for (enum tally_count i = 0; i < TALLY_COUNTS; i++)
		tally_count(&one, i, 1);
	assert_int_equal(tally_failed(&one), reasons);
}

static void each_reason_has_words_of_its_own(void **state)
{
	(void)state;
	for (enum tally_count i = TALLY_FAILED; i < TALLY_COUNTS; i++) {
		assert_non_null(tally_reason(i));
		for (enum tally_count j = TALLY_FAILED; j < i; j++)
			assert_string_not_equal(
				tally_reason(i), tally_reason(j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_not_counted_is_zero, empty),
		cmocka_unit_test_setup(adding_adds_counts_and_times, empty),
		cmocka_unit_test_setup(
			failed_connections_are_those_of_all_reasons, empty),
		cmocka_unit_test(each_reason_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
