// SPDX-License-Identifier: MIT
/*
 * Before the run, one connection is made as smx-client would make it. This
 * settles whether the server is there, is an smx server and presents the right
 * key, and whether the system has what the run needs. Knows nothing of what is
 * measured. Used by main.c.
 */
#pragma once

#include "bench/plan.h"
#include "lib/access.h"
#include "lib/files.h"
#include "lib/status.h"
#include "smx.h"

/* What the command line says about the server, and what was found. */
struct contact {
	struct access access;
	bool is_known;       /* a key was expected of this server */
	const char *sources; /* "ADDR,ADDR"; NULL: the system's choice */
	char server[SMX_ADDRESS_BYTES];
	char *alarm; /* about a changed key, several lines; may be NULL */
};

/*
 * Fills in the plan's addresses and keys, which last until contact_end().
 * Returns STATUS_SUCCESS, or a complaint and the status to exit with.
 */
MUST_CHECK int contact_make(struct contact *c, struct plan *plan,
	const char *host, const char *port, struct complaint *complaint);

void contact_end(struct contact *c, struct plan *plan);
