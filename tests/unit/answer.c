// SPDX-License-Identifier: MIT
#include "helper.h"

#include "crypto/random.h"
#include "server/answer.h"

static struct reply ask(struct answers *a, enum command request)
{
	struct reply reply = { .length = 99 };

	answer_write(a, request, &reply);
	return reply;
}

static void assert_fits(enum command command, const struct reply *reply)
{
	assert_int_equal(command_fit(command, reply->text, reply->length),
		command == COMMAND_TEMP ? FIT_PERHAPS : FIT_WHOLE);
}

/* A clock reading as the local calendar has it, the slow way. */
struct reading {
	char time[64], date[64];
};

static struct reading look(void)
{
	struct reading r;
	struct timespec t;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &t);
	localtime_r(&t.tv_sec, &local);
	snprintf(r.time, sizeof(r.time), "%02d:%02d:%02d.%06d", local.tm_hour,
		local.tm_min, local.tm_sec, (int)(t.tv_nsec / 1000));
	snprintf(r.date, sizeof(r.date), "%04d-%02d-%02d", local.tm_year + 1900,
		local.tm_mon + 1, local.tm_mday);
	return r;
}

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static const char *const zones[] = { "UTC0", "AAA-5:45", "BBB12", "CCC-14" };

static void time_and_date_are_the_local_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		struct answers a = { 0 };
		struct reading before, after;
		struct reply time, date;

		set_zone(zones[i]);
		do { /* once more, should it be midnight just now */
			before = look();
			time = ask(&a, COMMAND_TIME);
			date = ask(&a, COMMAND_DATE);
			after = look();
		} while (strcmp(before.date, after.date) != 0);
		assert_fits(COMMAND_TIME, &time);
		assert_true(memcmp(before.time, time.text, 15) <= 0);
		assert_true(memcmp(time.text, after.time, 15) <= 0);
		assert_fits(COMMAND_DATE, &date);
		assert_memory_equal(date.text, before.date, 10);
	}
}

static void time_goes_on_from_answer_to_answer(void **state)
{
	struct answers a = { 0 };
	struct reply last = ask(&a, COMMAND_TIME), now;
	time_t end = time(NULL) + 2; /* a change of second at least */

	(void)state;
	while (time(NULL) < end) {
		now = ask(&a, COMMAND_TIME);
		assert_fits(COMMAND_TIME, &now);
		assert_true(memcmp(last.text, now.text, 15) <= 0 ||
			    !memcmp(now.text, "00:00:0", 7));
		last = now;
	}
}

static void the_temperature_is_anything_from_minus_100_to_100(void **state)
{
	struct answers a = { 0 };
	bool seen[201] = { false };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct reply reply = ask(&a, COMMAND_TEMP);
		char text[REPLY_MAX + 1] = "";
		int n;

		assert_fits(COMMAND_TEMP, &reply);
		memcpy(text, reply.text, reply.length);
		n = atoi(text);
		assert_true(n >= -100 && n <= 100);
		seen[n + 100] = true;
		assert_true(text[0] != '0' || n == 0);
	}
	for (int i = 0; i < 201; i++)
		assert_true(seen[i]);
}

static void every_request_has_its_reply(void **state)
{
	struct answers a = { 0 };

	(void)state;
	for (enum command c = 0; c < COMMAND_ASKED; c++) {
		struct reply reply = ask(&a, c);

		assert_true(command_is_reply(c, reply.text, reply.length));
		assert_int_not_equal(reply.text[0], reply_error[0]);
	}
}

static void an_end_has_no_answer_and_the_rest_is_an_error(void **state)
{
	struct answers a = { 0 };
	struct reply reply = ask(&a, COMMAND_END);

	(void)state;
	assert_int_equal(reply.length, 0);
	reply = ask(&a, COMMAND_UNKNOWN);
	assert_int_equal(reply.length, 4);
	assert_memory_equal(reply.text, "\xde\xad\xbe\xef", 4);
}

static int start(void **state)
{
	(void)state;
	return crypto_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_and_date_are_the_local_ones),
		cmocka_unit_test(time_goes_on_from_answer_to_answer),
		cmocka_unit_test(
			the_temperature_is_anything_from_minus_100_to_100),
		cmocka_unit_test(every_request_has_its_reply),
		cmocka_unit_test(an_end_has_no_answer_and_the_rest_is_an_error),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
