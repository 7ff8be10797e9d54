// SPDX-License-Identifier: MIT
#include "service/zone.h"

#include <pthread.h>

#include "base/calendar.h"

enum { STRIDE_S = 5 * 86400 };

static const int64_t end_s = 7258118400; /* 2200-01-01 */

static struct zone used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int64_t ahead_at(int64_t second)
{
	struct tm local;

	return calendar_local((time_t)second, &local)
		       ? (int64_t)timegm(&local) - second
		       : 0;
}

/* The first second after early, and at most late, from which it is another. */
static int64_t find_change(int64_t early, int64_t late, int64_t before)
{
	while (late - early > 1) {
		int64_t middle = early + (late - early) / 2;

		if (ahead_at(middle) == before)
			early = middle;
		else
			late = middle;
	}
	return late;
}

void zone_survey(struct zone *zone)
{
	int64_t at = 0, ahead = ahead_at(0);

	*zone = (struct zone){ .count = 1, .steps = { { 0, ahead } } };
	while (at < end_s && zone->count < ZONE_STEPS_MAX) {
		int64_t next = at + STRIDE_S;

		if (ahead_at(next) != ahead) {
			next = find_change(at, next, ahead);
			ahead = ahead_at(next);
			zone->steps[zone->count++] =
				(struct zone_step){ next, ahead };
		}
		at = next;
	}
}

static int64_t ahead_by_table(int64_t second)
{
	size_t low = 0, high = used.count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (used.steps[middle].from <= second)
			low = middle;
		else
			high = middle;
	}
	return used.steps[low].ahead;
}

static bool local_by_table(time_t second, struct tm *local)
{
	int64_t ahead;
	time_t shifted;

	pthread_mutex_lock(&lock);
	ahead = ahead_by_table((int64_t)second);
	pthread_mutex_unlock(&lock);
	return !__builtin_add_overflow(second, ahead, &shifted) &&
	       calendar_utc(shifted, local);
}

bool zone_use(const struct zone *zone)
{
	if (!zone->count || zone->count > ZONE_STEPS_MAX)
		return false;
	pthread_mutex_lock(&lock);
	used = *zone;
	pthread_mutex_unlock(&lock);
	calendar_ask(local_by_table);
	return true;
}
