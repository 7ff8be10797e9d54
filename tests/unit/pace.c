// SPDX-License-Identifier: MIT
#include "helper.h"

#include "server/pace.h"

enum { START = 1000000 };

static struct pace pace;

static int set_up(void **state)
{
	(void)state;
	pace = (struct pace){ .kernel_ms = START };
	return 0;
}

static void the_clock_goes_with_the_kernels(void **state)
{
	(void)state;
	assert_int_equal(pace_woke(&pace, START + 3000, 3000), START + 3000);
	assert_int_equal(pace_woke(&pace, START + 3010, 3000), START + 3010);
	assert_int_equal(pace_woke(&pace, START + 3110, 0), START + 3110);
	assert_false(pace.was_late);
}

static void the_clock_stands_while_the_worker_does(void **state)
{
	(void)state;
	/* 10 s were asked for; of the wait's own time a second is uncertain. */
	assert_int_equal(pace_woke(&pace, START + 60000, 10000), START + 9000);
	assert_true(pace.was_late);
	assert_int_equal(pace_woke(&pace, START + 60500, 500), START + 9500);
}

static void a_stop_without_a_wait_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(pace_woke(&pace, START + 5000, 0), START);
}

static void own_work_is_no_stop(void **state)
{
	(void)state;
	pace.work_ms = 700;
	assert_int_equal(pace_woke(&pace, START + 790, 0), START + 790);
	assert_int_equal(pace_woke(&pace, START + 990, 0), START + 790);
}

static void deadlines_wait_until_all_is_read(void **state)
{
	struct pace_wake wake = { .connections = 1000, .batch = 256 };

	(void)state;
	assert_false(pace_may_expire(&pace, &wake)); /* a signal, perhaps */
	wake.was_asked_not_to_wait = wake.is_full = true;
	assert_false(pace_may_expire(&pace, &wake));
	wake.is_full = false;
	assert_true(pace_may_expire(&pace, &wake));
}

static void after_a_stop_they_wait_for_flights(void **state)
{
	struct pace_wake wake = {
		.was_asked_not_to_wait = true,
		.has_left_flights = true,
		.connections = 400,
		.batch = 256,
	};

	(void)state;
	assert_true(pace_may_expire(&pace, &wake));
	pace.was_late = true;
	for (int i = 0; i < 400; i++)
		assert_false(pace_may_expire(&pace, &wake));
	wake.has_left_flights = false;
	assert_true(pace_may_expire(&pace, &wake));
	assert_false(pace.was_late);
}

static void nobody_holds_them_up_for_ever(void **state)
{
	struct pace_wake wake = {
		.is_full = true,
		.has_left_flights = true,
		.connections = 1000,
		.batch = 256,
	};
	int wakes = 1;

	(void)state;
	while (!pace_may_expire(&pace, &wake))
		assert_true(++wakes < 10);
	pace.was_late = true;
	while (!pace_may_expire(&pace, &wake))
		assert_true(++wakes < 1100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			the_clock_goes_with_the_kernels, set_up),
		cmocka_unit_test_setup(
			the_clock_stands_while_the_worker_does, set_up),
		cmocka_unit_test_setup(
			a_stop_without_a_wait_is_noticed, set_up),
		cmocka_unit_test_setup(own_work_is_no_stop, set_up),
		cmocka_unit_test_setup(
			deadlines_wait_until_all_is_read, set_up),
		cmocka_unit_test_setup(
			after_a_stop_they_wait_for_flights, set_up),
		cmocka_unit_test_setup(nobody_holds_them_up_for_ever, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
