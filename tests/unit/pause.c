// SPDX-License-Identifier: MIT
#include "helper.h"

#include "bench/pause.h"
#include "net/loop.h"

enum { MS = 1000000, BATCH = 8 };

const int loop_batch = BATCH;

static struct pause p;

static int empty(void **state)
{
	(void)state;
	p = (struct pause){ 0 };
	pause_woke(&p, 1000ull * MS, 10 * MS, 0);
	return 0;
}

static void the_first_wake_is_no_pause(void **state)
{
	(void)state;
	p = (struct pause){ 0 };
	pause_woke(&p, 3600000ull * MS, 10 * MS, 5);
	assert_int_equal(p.stood_ns, 0);
	assert_true(pause_is_over(&p, 10 * MS, 0));
}

static void a_wake_that_is_a_little_late_is_no_pause(void **state)
{
	(void)state;
	pause_woke(&p, (1000 + 10 + 100) * (uint64_t)MS, 10 * MS, 5);
	assert_int_equal(p.stood_ns, 0);
	assert_int_equal(p.ended_ns, 0);
	assert_true(pause_is_over(&p, 10 * MS, 0));
}

static void a_wake_that_is_late_is_one_and_counts_what_is_too_much(void **state)
{
	(void)state;
	pause_woke(&p, (1000 + 10 + 101) * (uint64_t)MS, 10 * MS, 5);
	assert_int_equal(p.stood_ns, 101 * MS);
	assert_int_equal(p.ended_ns, 1111 * MS);
	assert_false(pause_is_over(&p, 10 * MS, BATCH));
	pause_woke(&p, (1111 + 500) * (uint64_t)MS, 0, 5);
	assert_int_equal(p.stood_ns, 601 * MS);
}

static void it_is_over_when_a_wait_finds_nothing_left_out(void **state)
{
	(void)state;
	pause_woke(&p, 9000ull * MS, 10 * MS, 100 * BATCH);
	assert_false(pause_is_over(&p, 10 * MS, 0)); /* it could wait */
	assert_false(pause_is_over(&p, 0, BATCH));   /* there may be more */
	assert_false(pause_is_over(&p, 0, -1));      /* it does not know */
	assert_true(pause_is_over(&p, 0, BATCH - 1));
	assert_true(pause_is_over(&p, 10 * MS, BATCH));
}

static void it_is_over_after_as_many_waits_as_that_can_take(void **state)
{
	unsigned waits = 1;

	(void)state;
	pause_woke(&p, 9000ull * MS, 10 * MS, 10 * BATCH);
	while (!pause_is_over(&p, 0, BATCH))
		waits++;
	assert_in_range(waits, 11, 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_wake_is_no_pause),
		cmocka_unit_test_setup(
			a_wake_that_is_a_little_late_is_no_pause, empty),
		cmocka_unit_test_setup(
			a_wake_that_is_late_is_one_and_counts_what_is_too_much,
			empty),
		cmocka_unit_test_setup(
			it_is_over_when_a_wait_finds_nothing_left_out, empty),
		cmocka_unit_test_setup(
			it_is_over_after_as_many_waits_as_that_can_take, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
