// SPDX-License-Identifier: MIT
/*
 * Refusals in the log: reason and address, but only a few per second, since
 * refused peers could otherwise flood the log. Must not be shared between
 * threads.
 */
#pragma once

#include "net/address.h"
#include "server/counters.h"

enum { REFUSALS_A_SECOND = 10 };

/* All zero: none yet. */
struct refusals {
	uint64_t second;
	unsigned long said, unsaid; /* within that second */
};

/* detail may be NULL. */
void refusals_say(struct refusals *r, struct log *log, uint64_t now_ms,
	enum counter reason, const struct address *peer, const char *detail);

/* Logs how many were left out; call this when no more can follow. */
void refusals_flush(struct refusals *r, struct log *log);
