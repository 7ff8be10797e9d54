// SPDX-License-Identifier: MIT
#include "helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"

static bool is_unknown(const char *zone)
{
	setenv("TZ", zone, 1);
	return calendar_is_unknown();
}

static void zones_are_known_by_rule(void **state)
{
	static const char *const zones[] = { "", ":", "UTC", "UTC0",
		"CET-1CEST", "<+03>-3", "CET-1CEST,M3.5.0,M10.5.0/3",
		"NST3:30NDT2:30", "CET-24", "IST-2IDT,M3.4.4/26,M10.5.0",
		"AAA0BBB-1:00:00,J60/-1,300/167:59:59" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(zones); i++)
		assert_false(is_unknown(zones[i]));
}

static void others_are_unknown(void **state)
{
	static const char *const zones[] = { "Europe/Berln", ":No/Where",
		"/no/such/file", "CET", "CE-1", "<+03-3", "CET-1CEST;",
		"CET-99", "CET-25", "CET-1:60", "CET-", "CET-0100", "CET--1",
		"CET-1CEST-25", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,J0,J366",
		"CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,,", "CET-1,1,2",
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
	calendar_open();
	assert_null(getenv("TZ"));
}

/* A zone that is always so many hours east, put in the place of another. */
static void put_zone(const char *path, unsigned char hours)
{
	unsigned seconds = hours * 3600u;
	unsigned char bytes[44 + 6 + 4] = "TZif";
	char beside[128];
	FILE *file;

	bytes[39] = 1; /* type, of … */
	bytes[43] = 4; /* letters in all */
	bytes[46] = (unsigned char)(seconds >> 8);
	bytes[47] = (unsigned char)seconds;
	memcpy(bytes + 50, "AAA", 4);
	snprintf(beside, sizeof(beside), "%s.new", path);
	file = fopen(beside, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, sizeof(bytes), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(beside, path), 0);
}

static int hour(void)
{
	const time_t begin = 0;
	struct tm local;

	assert_non_null(localtime_r(&begin, &local));
	return local.tm_hour;
}

static void a_zone_that_tz_names_is_read_again(void **state)
{
	char folder[] = "/tmp/smx-zone-XXXXXX", path[64], names[4][80];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/Here", folder);
	setenv("TZDIR", folder, 1);
	strcpy(names[0], "Here");
	strcpy(names[1], ":Here");
	strcpy(names[2], path);
	snprintf(names[3], sizeof(names[3]), ":%s", path);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		put_zone(path, 1);
		setenv("TZ", "UTC0", 1); /* as a new process: knowing none */
		tzset();
		setenv("TZ", names[i], 1);
		calendar_open();
		assert_int_equal(hour(), 1);
		for (unsigned char east = 2; east < 6; east++) {
			put_zone(path, east);
			calendar_reload();
			assert_int_equal(hour(), east);
			assert_false(calendar_is_unknown());
		}
	}
	unlink(path);
	rmdir(folder);
}

static void the_moment_is_the_systems(void **state)
{
	time_t before = time(NULL);
	struct timespec now;

	(void)state;
	calendar_now(&now);
	assert_in_range(now.tv_sec, before - 1, time(NULL) + 1);
	assert_in_range(now.tv_nsec, 0, 999999999);
}

static void a_moment_is_shown_in_the_zone_as_far_as_the_calendar_goes(
	void **state)
{
	struct tm local;

	(void)state;
	setenv("TZ", "XYZ-5:30", 1);
	calendar_open();
	assert_true(calendar_local(86400, &local));
	assert_int_equal(local.tm_mday, 2);
	assert_int_equal(local.tm_hour, 5);
	assert_int_equal(local.tm_min, 30);
	if (sizeof(time_t) == 8)
		assert_false(calendar_local((time_t)INT64_MAX, &local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_known_by_rule),
		cmocka_unit_test(others_are_unknown),
		cmocka_unit_test(the_systems_file_is_the_same_as_none),
		cmocka_unit_test(a_zone_that_tz_names_is_read_again),
		cmocka_unit_test(the_moment_is_the_systems),
		cmocka_unit_test(
			a_moment_is_shown_in_the_zone_as_far_as_the_calendar_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
