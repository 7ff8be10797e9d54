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

/* What the system's clock says. */
static struct timespec wall;

int clock_gettime(clockid_t which, struct timespec *t)
{
	assert_int_equal(which, CLOCK_REALTIME);
	*t = wall;
	return 0;
}

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void assert_text(const struct reply *reply, const char *text)
{
	assert_int_equal(reply->length, strlen(text));
	assert_memory_equal(reply->text, text, strlen(text));
}

static void any_moment_has_a_text(void **state)
{
	static const struct {
		time_t now;
		const char *clock, *date;
	} rows[] = {
		{ 0, "00:00:00.000000", "1970-01-01" },
		{ -1, "23:59:59.000000", "1969-12-31" },
		{ 951782399, "23:59:59.000000", "2000-02-28" },
		{ 951782400, "00:00:00.000000", "2000-02-29" },
		{ -30610224000, "00:00:00.000000", "1000-01-01" },
		{ -30610224001, "23:59:59.000000", "0999-12-31" },
		{ 253402300799, "23:59:59.000000", "9999-12-31" },
		/* No such date can be said, … */
		{ 253402300800, "00:00:00.000000", "\xde\xad\xbe\xef" },
		{ -62167219201, "23:59:59.000000", "\xde\xad\xbe\xef" },
		/* … and from here on no calendar has one. */
		{ 86400L << 45, "00:00:00.000000", "\xde\xad\xbe\xef" },
		{ -(86400L << 45) - 1, "23:59:59.000000", "\xde\xad\xbe\xef" },
	};
	struct answers a = { 0 };

	(void)state;
	set_zone("UTC0");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct reply reply;

		wall = (struct timespec){ .tv_sec = rows[i].now };
		reply = ask(&a, COMMAND_TIME);
		assert_text(&reply, rows[i].clock);
		reply = ask(&a, COMMAND_DATE);
		assert_text(&reply, rows[i].date);
	}
}

static void time_and_date_are_the_local_ones(void **state)
{
	static const struct {
		const char *zone, *clock, *date;
	} rows[] = {
		{ "UTC0", "12:34:56.000000", "2024-11-25" },
		{ "AAA-5:45", "18:19:56.000000", "2024-11-25" },
		{ "BBB12", "00:34:56.000000", "2024-11-25" },
		{ "CCC-14", "02:34:56.000000", "2024-11-26" },
	};

	(void)state;
	wall = (struct timespec){ .tv_sec = 1732538096 };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct answers a = { 0 };
		struct reply reply;

		set_zone(rows[i].zone);
		reply = ask(&a, COMMAND_TIME);
		assert_text(&reply, rows[i].clock);
		reply = ask(&a, COMMAND_DATE);
		assert_text(&reply, rows[i].date);
	}
}

/* Ten seconds, in steps that look at each digit of the fraction. */
static void time_goes_on_from_answer_to_answer(void **state)
{
	struct answers a = { 0 };
	struct timespec end = { .tv_sec = 1732538106 };

	(void)state;
	set_zone("UTC0");
	wall = (struct timespec){ .tv_sec = 1732538096 };
	while (wall.tv_sec < end.tv_sec) {
		struct reply reply = ask(&a, COMMAND_TIME);
		char text[32];

		snprintf(text, sizeof(text), "12:3%d:%02d.%06d",
			wall.tv_sec < 1732538100 ? 4 : 5,
			(int)((wall.tv_sec - 1732538040) % 60),
			(int)(wall.tv_nsec / 1000));
		assert_text(&reply, text);
		wall.tv_nsec += 12345678;
		wall.tv_sec += wall.tv_nsec / 1000000000;
		wall.tv_nsec %= 1000000000;
	}
}

/* A zone that has changed counts from then on, and not before. */
static void what_was_forgotten_is_made_anew(void **state)
{
	struct answers a = { 0 };
	struct reply reply;

	(void)state;
	wall = (struct timespec){ .tv_sec = 1732538096 };
	set_zone("UTC0");
	ask(&a, COMMAND_TIME);
	set_zone("AAA-5:45");
	reply = ask(&a, COMMAND_TIME);
	assert_text(&reply, "12:34:56.000000");
	answer_forget(&a);
	reply = ask(&a, COMMAND_TIME);
	assert_text(&reply, "18:19:56.000000");
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
		cmocka_unit_test(any_moment_has_a_text),
		cmocka_unit_test(time_and_date_are_the_local_ones),
		cmocka_unit_test(time_goes_on_from_answer_to_answer),
		cmocka_unit_test(what_was_forgotten_is_made_anew),
		cmocka_unit_test(
			the_temperature_is_anything_from_minus_100_to_100),
		cmocka_unit_test(every_request_has_its_reply),
		cmocka_unit_test(an_end_has_no_answer_and_the_rest_is_an_error),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
