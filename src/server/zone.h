// SPDX-License-Identifier: MIT
/*
 * The time zone of the replies: what TZ says, or else the system's. Knows no
 * clock. Used by the program's main thread.
 */
#pragma once

#include <stdbool.h>

/* Before any thread is started. */
void zone_open(void);

/*
 * Reads the zone again, TZ's or the system's, if its file has been replaced:
 * localtime_r(3) does not. With musl the system's stays that of the start.
 */
void zone_reload(void);

/* Does TZ name a zone that this system does not have? */
bool zone_is_unknown(void);
