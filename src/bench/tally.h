// SPDX-License-Identifier: MIT
/*
 * What one thread has measured and counted, or the sum over all threads. One
 * thread writes, and others may read at the same time. Knows no connections.
 * Used by score.c, and by all who count or report.
 */
#pragma once

#include "bench/histogram.h"

enum tally_time {
	TALLY_CONNECT,     /* from connect(2) until it is connected */
	TALLY_EXCHANGE,    /* from there until the last flight */
	TALLY_REQUEST,     /* from when it was due until its reply */
	TALLY_UNCORRECTED, /* open loop: from when it left */
	TALLY_TIMES,
};

enum tally_count {
	TALLY_CONNECTED, /* sessions opened, even before the count */
	TALLY_WRONG,     /* error replies */
	TALLY_MISSING,   /* requests whose connection failed */
	TALLY_UNSENT,    /* requests of the schedule that did not leave */
	TALLY_CUT_SHORT, /* in flight when the run was interrupted */

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

/* Adds everything in from. */
void tally_add(struct tally *t, const struct tally *from);

/* Connections that failed, for whatever reason. */
uint64_t tally_failed(const struct tally *t);

/* "connection refused"; for a reason from TALLY_FAILED on. */
const char *tally_reason(enum tally_count reason);

/* The reason for a failure of which a system call returned this -errno. */
enum tally_count tally_failure(int error);
