// SPDX-License-Identifier: MIT
/*
 * A connection of the load generator, which is a session, a socket that never
 * blocks, and a list of what was asked when; and what the connections of one
 * thread share. This is data only: connection.h has what a connection does, and
 * ending.h how it ends. Knows neither the group nor the thread.
 */
#pragma once

#include "base/ring.h"
#include "bench/schedule.h"
#include "bench/score.h"
#include "net/loop.h"

enum stage {
	STAGE_NONE, /* no socket */
	STAGE_CONNECTING,
	STAGE_EXCHANGE,
	STAGE_OPEN,
	STAGE_LEAVING, /* END was sent */
	STAGES,
};

/* What came of a connection's turn. */
enum outcome {
	OUTCOME_BUSY,   /* it waits for the server or for the schedule */
	OUTCOME_FREE,   /* it can be asked, for the first time or again */
	OUTCOME_CLOSED, /* it has left as it should; its socket is closed */
	OUTCOME_FAILED, /* it was counted as failed; its socket is closed */
};

enum { CONTEXT_READ_BYTES = 4096, CONTEXT_SEND_BYTES = 2048 };

struct context {
	struct session_host host; /* first: the callbacks find the rest */
	const struct plan *plan;
	struct loop *loop; /* the driver's */
	struct schedule schedule;
	struct score score;
	struct ring silent;    /* those whose reply may be whole */
	size_t stages[STAGES]; /* how many connections are at each */
	size_t under_way;      /* requests without a reply */
	uint8_t in[SESSION_KEPT_MAX + CONTEXT_READ_BYTES];
	uint8_t out[CONTEXT_SEND_BYTES];
};

/* All zero: it has not been opened. */
struct connection {
	struct watch watch; /* first: the loop finds the connection */
	uint8_t stage;
	unsigned first, count; /* in asked, which is a ring */
	uint64_t tried_ns;     /* when connecting began */
	uint64_t begun_ns;     /* when this stage began */
	uint64_t exchange_ns;  /* how long the exchange took */
	uint64_t received_ns;  /* when the last bytes came */
	struct ring idle;      /* the driver's */
	struct ring silent; /* in the context's list, ordered by received_ns */
	struct session session;
	struct handshake handshake;
	struct asked asked[SESSION_DEPTH_MAX];
	size_t kept; /* bytes of rest, an incomplete unit */
	uint8_t rest[SESSION_KEPT_MAX];
};

/* The stage changes only here, together with the context's counts. */
static inline void context_pass(struct context *x, struct connection *c,
	enum stage stage, uint64_t now_ns)
{
	x->stages[c->stage]--;
	x->stages[stage]++;
	c->stage = (uint8_t)stage;
	c->begun_ns = now_ns;
}

/* How many are between connect(2) and an open session. */
static inline size_t context_openings(const struct context *x)
{
	return x->stages[STAGE_CONNECTING] + x->stages[STAGE_EXCHANGE];
}

/* How many have a socket. */
static inline size_t context_sockets(const struct context *x)
{
	return context_openings(x) + x->stages[STAGE_OPEN] +
	       x->stages[STAGE_LEAVING];
}

static inline bool context_shakes_hands(const struct context *x)
{
	return x->plan->mode == PLAN_HANDSHAKES;
}

/* The request that has waited longest for its reply; of c->count > 0. */
static inline struct asked *context_oldest(struct connection *c)
{
	return &c->asked[c->first % SESSION_DEPTH_MAX];
}
