// SPDX-License-Identifier: MIT
/*
 * Refusals in the log: reason and address, but only so many a second, since
 * whoever is refused could otherwise write the log full. Not for sharing
 * between threads.
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

/* Says how many were left unsaid, to be called when no more can follow. */
void refusals_flush(struct refusals *r, struct log *log);
