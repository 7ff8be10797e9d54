// SPDX-License-Identifier: MIT
/*
 * One honest client: it connects, agrees on keys in either exchange, and asks
 * for the time. It accepts any server. Knows nothing of how many there are, nor
 * when they are to ask. Used by visit.
 */
#pragma once

#include "proto/session.h"

enum visitor_state {
	VISITOR_AWAY,
	VISITOR_RESTS, /* away, and will come again: its owner's business */
	VISITOR_CONNECTS,
	VISITOR_AGREES,
	VISITOR_FREE, /* has a session, and has asked nothing */
	VISITOR_ASKS,
};

enum visitor_news {
	NEWS_NONE,
	NEWS_OPEN, /* it may ask */
	NEWS_ANSWERED,
	NEWS_FAILED, /* it has to leave */
};

struct visitor {
	int fd;
	enum visitor_state state;
	enum exchange_id exchange;
	uint64_t since_ns; /* for its owner, as are these two */
	uint64_t again_ns;
	unsigned failures;
	struct session session;
	struct handshake handshake;
	size_t kept;
	uint8_t rest[SESSION_KEPT_MAX];
};

/* Once. */
void visitors_init(void);

/* Takes fd, which is being connected. */
void visitor_start(struct visitor *v, int fd, enum exchange_id exchange);

/* Something has come of its socket: call it until there is no news. */
enum visitor_news visitor_turn(struct visitor *v);

/* False: that failed. */
MUST_CHECK bool visitor_ask(struct visitor *v);

/* Says END if there is a session, and closes. */
void visitor_leave(struct visitor *v);
