// SPDX-License-Identifier: MIT
/*
 * The replies of the service: the time, the date, a temperature. Knows no
 * session. There is one per worker, since it remembers the texts of the current
 * second.
 */
#pragma once

#include <time.h>

#include "proto/command.h"

struct answers {
	time_t second; /* of the texts */
	char clock[9]; /* HH:MM:SS; "" if there are none yet */
	char date[11]; /* YYYY-MM-DD; "" if there is no such date */
};

/* Makes the next request create the texts anew. */
void answer_forget(struct answers *a);

/* Writes the reply to a request; for COMMAND_END its length is 0. */
void answer_write(struct answers *a, enum command request, struct reply *reply);
