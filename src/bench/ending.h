// SPDX-License-Identifier: MIT
/*
 * How a connection of the load generator ends: it fails, it leaves as planned,
 * or it is dropped. Afterwards its socket is closed, its keys are wiped,
 * nothing is in flight, and the score knows. Knows nothing of what a connection
 * did before. Used by connection.c and group.c.
 */
#pragma once

#include "bench/context.h"

/* It failed, and its requests have no reply. Returns OUTCOME_FAILED. */
enum outcome ending_fail(
	struct context *x, struct connection *c, enum tally_count reason);

/* END was sent, and the server has closed or has taken too long to. Returns
 * OUTCOME_CLOSED. */
enum outcome ending_leave(struct context *x, struct connection *c);

/* The run is over for it, whatever it is doing; an open session sends END. */
void ending_drop(struct context *x, struct connection *c);
