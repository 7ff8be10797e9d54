// SPDX-License-Identifier: MIT
/*
 * The local time as a table, for a process that cannot read the files of time
 * zones any more: when the difference from UTC changes, and to what. One
 * process makes it, another uses it. Used by the server when it has reread its
 * zone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"

enum { ZONE_STEPS_MAX = 2048 };

struct zone_step {
	int64_t from;  /* seconds since 1970 */
	int64_t ahead; /* of UTC, in seconds */
};

struct zone {
	uint64_t count; /* at least 1; before the first, that holds as well */
	struct zone_step steps[ZONE_STEPS_MAX];
};

/*
 * Makes the table of the zone that base/calendar.h knows now, from 1970 to
 * 2200; a change that is undone within five days is not seen.
 */
void zone_survey(struct zone *zone);

/*
 * From now on base/calendar.h uses this table, which is copied: false if it is
 * not one. Any thread may ask for the time meanwhile; one thread calls this.
 */
MUST_CHECK bool zone_use(const struct zone *zone);
