// SPDX-License-Identifier: MIT
/*
 * Before the run: one connection as smx-client would make it. Whether the
 * server is there, is what it should be and shows the right key is settled
 * here, once and for all; so is what the run needs from the system. Knows
 * nothing of what is to be measured.
 */
#pragma once

#include "bench/plan.h"
#include "lib/access.h"
#include "lib/files.h"
#include "lib/status.h"
#include "smx.h"

/* What the command line says of it, and who was reached. */
struct contact {
	struct access access;
	bool is_known;       /* a key of the server that was reached */
	const char *sources; /* "ADDR,ADDR"; NULL: the system's choice */
	char server[SMX_ADDRESS_BYTES];
	char *alarm; /* over a changed key, in lines; may be NULL */
};

/*
 * Fills in the plan's addresses and keys. STATUS_SUCCESS, or with what status
 * to end, and a complaint. What the plan points at lasts until contact_end().
 */
MUST_CHECK int contact_make(struct contact *c, struct plan *plan,
	const char *host, const char *port, struct complaint *complaint);

void contact_end(struct contact *c, struct plan *plan);
