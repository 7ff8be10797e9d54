// SPDX-License-Identifier: MIT
/*
 * What the service says: the time, the date, a temperature. Knows no session.
 * One per worker, since it remembers the texts of the current second.
 */
#pragma once

#include <time.h>

#include "proto/command.h"

struct answers {
	time_t after;  /* the second after the one they are of; 0: none */
	char clock[9]; /* HH:MM:SS */
	char date[11]; /* YYYY-MM-DD; "" when there is no such date */
};

/* The texts are made anew for the next request. */
void answer_forget(struct answers *a);

/* The reply to a request; of length 0 to COMMAND_END. */
void answer(struct answers *a, enum command request, struct reply *reply);
