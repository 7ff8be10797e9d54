// SPDX-License-Identifier: MIT
#include "server/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "crypto/random.h"

enum { RANDOM_TEMP_MIN = -100, RANDOM_TEMP_MAX = 100 };
enum { DAY_S = 86400, YEAR_MAX = 9999 };

static void say(struct reply *reply, const void *text, size_t n)
{
	memcpy(reply->text, text, n);
	reply->length = (uint8_t)n;
}

/* 00 to 99, so that two digits are one lookup. */
static const char pairs[] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

static void two_digits(void *text, uint32_t number)
{
	memcpy(text, pairs + 2 * (size_t)number, 2);
}

/* "12:34:56", or with dashes the end of a date. */
static void three_pairs(char *text, char between, int a, int b, int c)
{
	two_digits(text, (uint32_t)a);
	text[2] = between;
	two_digits(text + 3, (uint32_t)b);
	text[5] = between;
	two_digits(text + 6, (uint32_t)c);
}

/*
 * The local calendar is consulted once a second, not once per request: it takes
 * a lock and several hundred instructions.
 */
static COLD void turn_page(struct answers *a, time_t second)
{
	struct tm local;
	long year;

	*a = (struct answers){ .second = second };
	/* Outside the range of the calendar, the time of day is UTC's. */
	if (!calendar_local(second, &local)) {
		int of_day = (int)((second % DAY_S + DAY_S) % DAY_S);

		local = (struct tm){
			.tm_hour = of_day / 3600,
			.tm_min = of_day / 60 % 60,
			.tm_sec = of_day % 60,
			.tm_year = YEAR_MAX,
		};
	}
	/* Not strftime(3), which looks whether the zone's file is another. */
	three_pairs(a->clock, ':', local.tm_hour, local.tm_min, local.tm_sec);
	year = 1900L + local.tm_year;
	if (year < 0 || year > YEAR_MAX)
		return;
	two_digits(a->date, (uint32_t)year / 100);
	three_pairs(a->date + 2, '-', (int)year % 100, local.tm_mon + 1,
		local.tm_mday);
}

void answer_forget(struct answers *a)
{
	*a = (struct answers){ 0 };
}

/* Returns the nanoseconds of the second of the texts. */
static uint32_t now(struct answers *a)
{
	struct timespec t;

	calendar_now(&t);
	if (t.tv_sec != a->second || !*a->clock)
		turn_page(a, t.tv_sec);
	return (uint32_t)t.tv_nsec;
}

static void answer_unknown(struct answers *a, struct reply *reply)
{
	(void)a;
	say(reply, reply_error, sizeof(reply_error));
}

static void answer_time(struct answers *a, struct reply *reply)
{
	uint32_t micro = now(a) / 1000;
	uint32_t last_four = micro % 10000;

	/* Without printf, which would cost more than the rest of a request. */
	memcpy(reply->text, a->clock, 8);
	reply->text[8] = '.';
	two_digits(reply->text + 9, micro / 10000);
	two_digits(reply->text + 11, last_four / 100);
	two_digits(reply->text + 13, last_four % 100);
	reply->length = 15;
}

static void answer_date(struct answers *a, struct reply *reply)
{
	now(a);
	if (*a->date)
		say(reply, a->date, 10);
	else
		answer_unknown(a, reply);
}

static void answer_temp(struct answers *a, struct reply *reply)
{
	char text[8];
	int n = sprintf(
		text, "%d", random_between(RANDOM_TEMP_MIN, RANDOM_TEMP_MAX));

	(void)a;
	say(reply, text, (size_t)n);
}

static void answer_end(struct answers *a, struct reply *reply)
{
	(void)a;
	reply->length = 0;
}

static void (*const writers[])(struct answers *, struct reply *) = {
	[COMMAND_TIME] = answer_time,
	[COMMAND_DATE] = answer_date,
	[COMMAND_TEMP] = answer_temp,
	[COMMAND_END] = answer_end,
	[COMMAND_UNKNOWN] = answer_unknown,
};

void answer_write(struct answers *a, enum command request, struct reply *reply)
{
	writers[request](a, reply);
}
