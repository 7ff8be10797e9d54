// SPDX-License-Identifier: MIT
#include "helper.h"

#include <time.h>

#include "server/pace.h"

enum { START = 1000000 };

static struct pace pace;

static int set_up(void **state)
{
	(void)state;
	pace = (struct pace){ 0 };
	pace_rest(&pace, START, 500);
	return 0;
}

/* A wake that was late, without own time: the worker's time. */
static uint64_t woke_late(uint64_t kernel_ms, uint64_t asked_ms)
{
	pace_late(&pace, kernel_ms, asked_ms, 500);
	pace.kernel_ms = kernel_ms;
	pace_rest(&pace, kernel_ms, 500);
	return kernel_ms - pace.stood_ms;
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
	assert_int_equal(woke_late(START + 60000, 10000), START + 9000);
	assert_true(pace.was_late);
	assert_int_equal(pace_woke(&pace, START + 60500, 500), START + 9500);
}

static void a_stop_without_a_wait_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(woke_late(START + 5000, 0), START);
}

static void a_stop_before_a_rest_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(pace_woke(&pace, START + 3000, 3000), START + 3000);
	assert_true(pace_should_rest(&pace));
	pace_rest(&pace, START + 33000, 500);
	assert_int_equal(pace_woke(&pace, START + 33000, 0), START + 3000);
	assert_true(pace.was_late);
}

static void own_time_explains_one_stop_only(void **state)
{
	(void)state;
	pace_late(&pace, START + 3000, 50, 500 + 1000);
	pace.kernel_ms = START + 3000;
	pace_rest(&pace, START + 5000, 500 + 1000);
	/* 3 s with 1 s of its own, 50 ms of them uncertain; then 2 s. */
	assert_int_equal(pace.stood_ms, 1950 + 50 + 2000);
}

static void own_time_before_a_rest_is_no_stop(void **state)
{
	(void)state;
	assert_int_equal(pace_woke(&pace, START + 3000, 3000), START + 3000);
	pace_rest(&pace, START + 4000, 500 + 1000);
	assert_int_equal(pace_woke(&pace, START + 4000, 0), START + 4000);
}

static void half_of_what_is_left_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(pace_ask(UINT64_MAX), UINT64_MAX / 2);
	assert_int_equal(pace_ask(5000), 2500);
	assert_int_equal(pace_ask(1000), 1000);
	assert_int_equal(pace_ask(1), 1);
}

static void own_time_is_no_stop(void **state)
{
	(void)state;
	pace_late(&pace, START + 900, 50, 500 + 750);
	assert_int_equal(pace.stood_ms, 0);
	assert_false(pace.was_late);
	set_up(state);
	pace_late(&pace, START + 900, 50, 500 + 749);
	assert_int_equal(pace.stood_ms, 101 + 50);
	assert_true(pace.was_late);
}

/* However often it is late: a clock that only stands would end nobody. */
static void a_loaded_machine_holds_nothing_back(void **state)
{
	uint64_t now = START;

	(void)state;
	for (unsigned i = 1; i <= 100; i++) {
		pace_late(&pace, now += 250, 50, 500 + i * 200);
		pace.kernel_ms = now;
		pace_rest(&pace, now, 500 + i * 200);
	}
	assert_int_equal(pace.stood_ms, 0);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void own_time_goes_on_with_work_and_stands_in_sleep(void **state)
{
	double begin = seconds();
	uint64_t own;

	(void)state;
	pace_open(&pace);
	own = pace_own_ms(&pace);
	while (seconds() - begin < 0.1)
		;
	assert_in_range(pace_own_ms(&pace) - own, 50, 60000);
	own = pace_own_ms(&pace);
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	assert_true(pace_own_ms(&pace) - own < 90);
	pace_close(&pace);
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
		cmocka_unit_test_setup(the_clock_goes_with_the_kernels, set_up),
		cmocka_unit_test_setup(
			the_clock_stands_while_the_worker_does, set_up),
		cmocka_unit_test_setup(
			a_stop_without_a_wait_is_noticed, set_up),
		cmocka_unit_test_setup(a_stop_before_a_rest_is_noticed, set_up),
		cmocka_unit_test_setup(
			own_time_before_a_rest_is_no_stop, set_up),
		cmocka_unit_test_setup(own_time_explains_one_stop_only, set_up),
		cmocka_unit_test(half_of_what_is_left_is_asked_for),
		cmocka_unit_test_setup(own_time_is_no_stop, set_up),
		cmocka_unit_test_setup(
			a_loaded_machine_holds_nothing_back, set_up),
		cmocka_unit_test(
			own_time_goes_on_with_work_and_stands_in_sleep),
		cmocka_unit_test_setup(
			deadlines_wait_until_all_is_read, set_up),
		cmocka_unit_test_setup(
			after_a_stop_they_wait_for_flights, set_up),
		cmocka_unit_test_setup(nobody_holds_them_up_for_ever, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
