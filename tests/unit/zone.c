// SPDX-License-Identifier: MIT
#include "helper.h"

#include <stdlib.h>

#include "server/zone.h"

static bool is_unknown(const char *zone)
{
	setenv("TZ", zone, 1);
	return zone_is_unknown();
}

static void zones_are_known_by_rule(void **state)
{
	static const char *const zones[] = { "", ":", "UTC", "UTC0",
		"CET-1CEST", "<+03>-3", "CET-1CEST,M3.5.0,M10.5.0/3",
		"NST3:30NDT2:30" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(zones); i++)
		assert_false(is_unknown(zones[i]));
}

static void others_are_unknown(void **state)
{
	static const char *const zones[] = { "Europe/Berln", ":No/Where",
		"/no/such/file", "CET", "CE-1", "<+03-3", "CET-1CEST;",
		"/dev/null" };

	(void)state;
	setenv("TZDIR", "/nonexistent", 1);
	for (size_t i = 0; i < COUNT_OF(zones); i++)
		assert_true(is_unknown(zones[i]));
}

static void the_systems_file_is_the_same_as_none(void **state)
{
	(void)state;
	setenv("TZ", ":/etc/localtime", 1);
	zone_open();
	assert_null(getenv("TZ"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_known_by_rule),
		cmocka_unit_test(others_are_unknown),
		cmocka_unit_test(the_systems_file_is_the_same_as_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
