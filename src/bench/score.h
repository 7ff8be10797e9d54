// SPDX-License-Identifier: MIT
/*
 * What counts: of what happens on a thread's connections, that which was due
 * after the warm-up goes into the tally. It reads no clock, and knows neither
 * the connections nor when something is due. Used by connection.c, which
 * reports to it, and by driver.c and run.c, which read it.
 */
#pragma once

#include <stdbool.h>

#include "bench/tally.h"

/* A request that has left. */
struct asked {
	uint64_t due_ns, sent_ns;
};

/* All zero: everything counts, as it does while the connections are opened. */
struct score {
	struct tally tally;
	bool has_schedule;   /* then a request may leave after it was due */
	uint64_t counted_ns; /* what was due before does not count */
	uint64_t ended_ns;   /* the last counted reply or handshake */
};

/* From now on only what is due from counted_ns on counts. */
void score_begin(struct score *s, uint64_t counted_ns);

/* A connection that was begun at tried_ns is connected. */
void score_connected(struct score *s, uint64_t tried_ns, uint64_t now_ns);

/* Its keys are exchanged, which took exchange_ns. */
void score_session(struct score *s, uint64_t tried_ns, uint64_t exchange_ns,
	uint64_t ended_ns);

/* A reply came; is_error: it says that the request was wrong. */
void score_reply(struct score *s, const struct asked *asked,
	uint64_t received_ns, bool is_error);

/* What was due then has come to nothing. */
void score_lost(struct score *s, uint64_t due_ns, enum tally_count as);
