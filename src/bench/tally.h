// SPDX-License-Identifier: MIT
/*
 * What one thread has measured and counted, and the sum over all threads. One
 * thread writes; others may read meanwhile. Knows no connections.
 */
#pragma once

#include "base/histogram.h"

enum tally_time {
	TALLY_CONNECT,     /* from connect(2) to connected */
	TALLY_EXCHANGE,    /* from there to the last flight sent */
	TALLY_REQUEST,     /* from when it should have left to its reply */
	TALLY_UNCORRECTED, /* from when it did leave; open loop */
	TALLY_TIMES,
};

enum tally_count {
	TALLY_CONNECTED, /* sessions opened, also uncounted ones */
	TALLY_WRONG,     /* replies that are none to what was asked */
	TALLY_MISSING,   /* requests whose connection failed before the reply */
	TALLY_UNSENT,    /* the schedule's, when the time was up */
	TALLY_CUT_SHORT, /* under way when the run was interrupted */

	/* Connections that failed, by reason. */
	TALLY_FAILED,
	TALLY_REFUSED = TALLY_FAILED,
	TALLY_NO_PORT,
	TALLY_UNREACHABLE,
	TALLY_CONNECT_LATE,
	TALLY_EXCHANGE_LATE,
	TALLY_REPLY_LATE,
	TALLY_CLOSED,
	TALLY_RESET,
	TALLY_BROKEN,
	TALLY_OTHER_KEY,
	TALLY_SYSTEM,
	TALLY_COUNTS,
};

struct tally {
	struct histogram times[TALLY_TIMES];
	_Atomic uint64_t counts[TALLY_COUNTS];
};

void tally_count(struct tally *t, enum tally_count what, uint64_t n);
uint64_t tally_counted(const struct tally *t, enum tally_count what);

/* Adds all that from holds. */
void tally_add(struct tally *t, const struct tally *from);

/* Connections that failed, for whatever reason. */
uint64_t tally_failed(const struct tally *t);

/* "connection refused"; of a reason from TALLY_FAILED on. */
const char *tally_reason(enum tally_count reason);

/* The reason why a connection failed whose system call returned this -errno. */
enum tally_count tally_failure(int error);
