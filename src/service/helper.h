// SPDX-License-Identifier: MIT
/*
 * A process beside the server that still has the files, once the server has
 * given up every right to them. It is forked before that, runs a fixed set of
 * errands, each ordered with one byte, and ends with the server. It has no
 * sockets but the one between the two. Knows no particular errand. Used by the
 * program's main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/complaint.h"

/* What an errand brings back. */
struct report {
	int error; /* 0, or as the errand defines it */
	struct complaint complaint;
	char *bytes; /* may hold a secret; NULL: none */
	size_t length;
};

/* Runs in the helper. report is empty, bytes are from malloc(3). */
typedef void helper_errand(void *context, struct report *report);

struct helper {
	int channel; /* -1: there is none */
	unsigned owed;
};

enum { HELPER_PATIENCE_MS = 2000 };

/*
 * Forks the helper: 0 or -errno. Call it before any thread is started. The
 * numbers of orders are indices of errands; context is the helper's own from
 * then on, and so are the strings that it refers to.
 */
MUST_CHECK int helper_start(struct helper *h, helper_errand *const errands[],
	size_t count, void *context);

/*
 * Has one errand run: 0 if it was, with its report, to be freed with
 * helper_forget(). -errno with a complaint in the report otherwise: -EPIPE if
 * the helper has ended, -ETIMEDOUT if it is still at work after
 * HELPER_PATIENCE_MS, for example on a network file system; what it brings back
 * then is thrown away when the next order is given.
 */
MUST_CHECK int helper_ask(
	struct helper *h, uint8_t order, struct report *report);

/* Wipes and frees what was brought back. */
void helper_forget(struct report *report);

/* Has it end, and waits for that, but not for long. */
void helper_stop(struct helper *h);
