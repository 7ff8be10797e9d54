// SPDX-License-Identifier: MIT
/*
 * How a connection of the load generator ends: it failed, it left as it
 * should, or it is dropped. Then it has no socket and no keys, nothing it was
 * asked is under way, and what that comes to is in the score. Knows nothing of
 * what a connection does before. Used by connection.c and driver.c.
 */
#pragma once

#include "bench/context.h"

/* It failed; what it was asked has no reply. Returns OUTCOME_FAILED. */
enum outcome ending_fail(
	struct context *x, struct connection *c, enum tally_count reason);

/* It was told END, and the server has closed or was given up waiting for.
 * Returns OUTCOME_CLOSED. */
enum outcome ending_leave(struct context *x, struct connection *c);

/* The run is over for it, whatever it is doing; an open session is told END. */
void ending_drop(struct context *x, struct connection *c);
