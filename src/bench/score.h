// SPDX-License-Identifier: MIT
/*
 * Decides what counts: of all that happens on a thread's connections, only what
 * was due after the warm-up goes into the tally. Reads no clock, and knows
 * neither the connections nor the schedule. Used by connection.c and ending.c,
 * which report to it, and by driver.c and run.c, which read it.
 */
#pragma once

#include <stdbool.h>

#include "bench/tally.h"

/* A request that has left. */
struct asked {
	uint64_t due_ns, sent_ns;
};

/* All zero: everything counts, as while the connections are being opened. */
struct score {
	struct tally tally;
	bool has_schedule;   /* open loop: a request may leave late */
	uint64_t counted_ns; /* what was due before this does not count */
	uint64_t ended_ns;   /* the last counted reply or handshake */
};

/* From now on only what is due from counted_ns on counts. */
void score_begin(struct score *s, uint64_t counted_ns);

/* A connection is established that was begun at tried_ns. */
void score_connected(struct score *s, uint64_t tried_ns, uint64_t now_ns);

/* Its exchange is over, which took exchange_ns. */
void score_session(struct score *s, uint64_t tried_ns, uint64_t exchange_ns,
	uint64_t ended_ns);

/* A reply has come. is_error: it is the error reply. */
void score_reply(struct score *s, const struct asked *asked,
	uint64_t received_ns, bool is_error);

/* What was due at due_ns will never be completed. */
void score_lost(struct score *s, uint64_t due_ns, enum tally_count as);
