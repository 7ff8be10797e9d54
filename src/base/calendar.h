// SPDX-License-Identifier: MIT
/*
 * The time of day and the date, in the zone that TZ names, or else the
 * system's. Knows no deadlines; those use base/clock.h. A port to another
 * system has another calendar_*.c. Used by the server.
 */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "base/attributes.h"

/* Call this before any thread starts. */
void calendar_open(void);

/*
 * Rereads the zone, TZ's or the system's, if its file has been replaced, which
 * localtime_r(3) does not do. With musl, the system's zone stays that of the
 * start. Must be called by the thread that opened it; others may use it at the
 * same time.
 */
void calendar_reload(void);

/* Does TZ name a zone that this system does not have? */
MUST_CHECK bool calendar_is_unknown(void);

/* Seconds since 1970, and nanoseconds. */
void calendar_now(struct timespec *now);

/*
 * The local date and time of that second; false if it is outside the range of
 * the calendar.
 */
MUST_CHECK bool calendar_local(time_t second, struct tm *local);

/* The same in UTC. */
MUST_CHECK bool calendar_utc(time_t second, struct tm *utc);

/*
 * From now on it is this that knows the local time, for a process that must not
 * read the files of zones any more.
 */
void calendar_ask(bool (*whom)(time_t second, struct tm *local));
