// SPDX-License-Identifier: MIT
/*
 * A connection during the flights. What has arrived is read at once, so that
 * the loop need not report it again; a flight that is costly then waits in the
 * queue for its turn, and one that is cheap is run. Used by a worker.
 */
#pragma once

#include "server/connection.h"

/* The loop found the socket ready. */
struct turn arrival_ready(struct context *context, struct connection *c);

/* Its turn in the queue has come. */
struct turn arrival_run(struct context *context, struct connection *c);

/* Has it room to read more, while it waits? */
static inline bool arrival_has_room(const struct arrival *a)
{
	return a->length < sizeof(a->bytes);
}
