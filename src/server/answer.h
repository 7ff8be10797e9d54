// SPDX-License-Identifier: MIT
/*
 * What the service says: the time, the date, a temperature. Knows no session.
 * One per worker, since it remembers the texts of the current second.
 */
#pragma once

#include <time.h>

#include "proto/command.h"

struct answers {
	time_t second; /* that they are of */
	char clock[9]; /* HH:MM:SS; "" when there are none yet */
	char date[11]; /* YYYY-MM-DD; "" when there is no such date */
};

/* The texts are made anew for the next request. */
void answer_forget(struct answers *a);

/* The reply to a request; of length 0 to COMMAND_END. */
void answer_write(struct answers *a, enum command request, struct reply *reply);
