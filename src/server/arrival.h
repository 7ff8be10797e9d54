// SPDX-License-Identifier: MIT
/*
 * A connection during the flights. What has arrived is read at once, so that
 * the loop need not report it again. A costly flight then waits in the queue
 * for its turn; a cheap one is run at once. Knows neither the queue's order nor
 * what a flight contains. Used by a worker.
 */
#pragma once

#include "server/connection.h"

/* The loop found the socket ready. */
struct turn arrival_ready(struct context *context, struct connection *c);

/* It is this connection's turn in the queue. */
struct turn arrival_run(struct context *context, struct connection *c);

/* Can more be read while it waits? */
static inline bool arrival_has_room(const struct arrival *a)
{
	return a->length < sizeof(a->bytes) && !a->has_ended;
}
