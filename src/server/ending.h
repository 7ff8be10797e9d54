// SPDX-License-Identifier: MIT
/*
 * How a connection ends, and what is said and counted of that: each of these
 * but the first is the last use of it. connection_close(), for an end without
 * a reason, is here as well. Used by connection.c.
 */
#pragma once

#include "server/connection.h"

/* Unless the log is to be quiet about who comes and goes. */
void ending_say(const struct worker *w, enum mark mark, const char *what,
	const struct address *peer);

/* Ends it for a reason, which is counted and logged. */
COLD void ending_refuse(
	struct worker *w, struct connection *c, enum counter reason);

/* It hung up, in whichever way. Within the flights that is a failure. */
COLD void ending_hung_up(struct worker *w, struct connection *c);
