// SPDX-License-Identifier: MIT
#include "helper.h"

#include <math.h>

#include "bench/histogram.h"

enum { VALUES = 100000 };

static struct histogram h;

static int empty(void **state)
{
	(void)state;
	memset(&h, 0, sizeof(h));
	return 0;
}

static void an_empty_one_says_zero_and_never_nan(void **state)
{
	(void)state;
	assert_int_equal(histogram_total(&h), 0);
	assert_int_equal(histogram_max(&h), 0);
	assert_int_equal(histogram_at(&h, 0.5), 0);
	assert_int_equal(histogram_at(&h, 0.9999), 0);
	assert_int_equal(histogram_up_to(&h, UINT64_MAX), 0);
	assert_true(histogram_mean(&h) == 0);
	assert_true(histogram_deviation(&h) == 0);
}

static void of_three_values_each_quantile_is_one_of_them(void **state)
{
	(void)state;
	histogram_record(&h, 30);
	histogram_record(&h, 10);
	histogram_record(&h, 20);
	assert_int_equal(histogram_at(&h, 0), 10);
	assert_int_equal(histogram_at(&h, 0.25), 10);
	assert_int_equal(histogram_at(&h, 0.5), 20);
	assert_int_equal(histogram_at(&h, 0.9), 30);
	assert_int_equal(histogram_at(&h, 0.9999), 30);
	assert_int_equal(histogram_at(&h, 1), 30);
	assert_int_equal(histogram_up_to(&h, 20), 2);
	assert_true(histogram_mean(&h) == 20);
	assert_true(fabs(histogram_deviation(&h) - sqrt(200.0 / 3)) < 1e-9);
}

static void the_mean_is_not_above_the_largest_value(void **state)
{
	(void)state;
	histogram_record(&h, (1 << 20) + 1); /* low in its bucket */
	assert_true(histogram_mean(&h) <= (double)histogram_max(&h));
	assert_true(histogram_mean(&h) >= 0.99 * (double)histogram_max(&h));
	assert_true(histogram_deviation(&h) == 0);
}

/* A processor that calculates with more digits finds 0.9 a little larger. */
static void a_rounding_does_not_move_a_quantile(void **state)
{
	(void)state;
	for (uint64_t value = 1; value <= 10; value++)
		histogram_record(&h, value);
	assert_int_equal(histogram_at(&h, 0.9), 9);
	assert_int_equal(histogram_at(&h, nextafter(0.9, 1)), 9);
	assert_int_equal(histogram_at(&h, nextafter(0.9, 0)), 9);
}

static void up_to_255_every_value_is_exact(void **state)
{
	(void)state;
	for (uint64_t value = 0; value < 256; value++) {
		empty(NULL);
		histogram_record(&h, value);
		histogram_record(&h, 100000);
		assert_int_equal(histogram_at(&h, 0.5), value);
	}
}

static void every_value_has_a_bucket_at_most_one_percent_off(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		for (int off = -1; off <= 1; off++) {
			uint64_t value = (UINT64_C(1) << bit) + (uint64_t)off;
			double said;

			empty(NULL);
			histogram_record(&h, value);
			histogram_record(&h, UINT64_MAX);
			said = (double)histogram_at(&h, 0.5);
			assert_true(said >= (double)value);
			assert_true(said <= (double)value * 1.01);
		}
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void quantiles_are_those_of_the_sorted_values(void **state)
{
	static const double shares[] = { 0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.99,
		0.999, 0.9999, 1 };
	static uint64_t values[VALUES];

	(void)state;
	for (size_t i = 0; i < VALUES; i++) {
		/* From microseconds to seconds, all magnitudes alike. */
		values[i] = dice_word() >> (34 + dice_below(20));
		histogram_record(&h, values[i]);
	}
	qsort(values, VALUES, sizeof(values[0]), compare);
	for (size_t i = 0; i < COUNT_OF(shares); i++) {
		size_t rank = (size_t)ceil(shares[i] * VALUES);
		double real = (double)values[rank ? rank - 1 : 0];
		double said = (double)histogram_at(&h, shares[i]);

		assert_true(said >= real);
		assert_true(said <= real * 1.01);
	}
	assert_int_equal(histogram_max(&h), values[VALUES - 1]);
}

static void adding_two_is_recording_everything_in_one(void **state)
{
	static struct histogram one, two;

	(void)state;
	for (int i = 0; i < VALUES; i++) {
		uint64_t value = dice_word() >> dice_below(64);

		histogram_record(i % 3 ? &one : &two, value);
		histogram_record(&h, value);
	}
	histogram_add(&one, &two);
	assert_memory_equal(&one, &h, sizeof(h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			an_empty_one_says_zero_and_never_nan, empty),
		cmocka_unit_test_setup(
			of_three_values_each_quantile_is_one_of_them, empty),
		cmocka_unit_test_setup(
			the_mean_is_not_above_the_largest_value, empty),
		cmocka_unit_test_setup(
			a_rounding_does_not_move_a_quantile, empty),
		cmocka_unit_test_setup(up_to_255_every_value_is_exact, empty),
		cmocka_unit_test_setup(
			every_value_has_a_bucket_at_most_one_percent_off,
			empty),
		cmocka_unit_test_setup(
			quantiles_are_those_of_the_sorted_values, empty),
		cmocka_unit_test_setup(
			adding_two_is_recording_everything_in_one, empty),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
