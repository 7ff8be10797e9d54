// SPDX-License-Identifier: MIT
#include "helper.h"

#include <time.h>

#include "base/clock.h"

static void time_never_goes_back(void **state)
{
	uint64_t ns = clock_ns(), ms = clock_ms();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t later_ns = clock_ns(), later_ms = clock_ms();

		assert_true(later_ns >= ns && later_ms >= ms);
		ns = later_ns;
		ms = later_ms;
	}
}

static void both_clocks_tell_the_same_time(void **state)
{
	uint64_t before = clock_ns() / 1000000, ms = clock_ms();

	(void)state;
	assert_in_range(ms, before - 20, clock_ns() / 1000000 + 1);
}

static void a_sleep_takes_its_time(void **state)
{
	uint64_t ns = clock_ns(), ms = clock_ms();

	(void)state;
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	assert_true(clock_ns() - ns >= 50000000);
	assert_true(clock_ms() - ms >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_never_goes_back),
		cmocka_unit_test(both_clocks_tell_the_same_time),
		cmocka_unit_test(a_sleep_takes_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
