// SPDX-License-Identifier: MIT
/*
 * What a worker lends to its connections while they need it: memory for the key
 * exchange, for a unit that is not complete yet, and for replies that the peer
 * has not taken. An idle connection borrows nothing, and what is returned is
 * wiped. Knows no protocol and no connection. Used by a worker and its
 * connections.
 */
#pragma once

#include "base/pool.h"
#include "proto/session.h"
#include "server/queue.h"

struct connection;

enum {
	/*
	 * The size of one read: when many send as fast as they can, a request
	 * waits for one of each. These bytes and a kept rest cause at most one
	 * reply, and one for each shortest request.
	 */
	READ_BYTES = 1024,
	REPLY_BYTES = (1 + READ_BYTES / COMMAND_LEAST) * REPLY_MAX,
};

/* During the flights; bytes: what has arrived of the next one. */
struct arrival {
	struct queue_place place; /* first: see worker.c */
	struct connection *connection;
	struct handshake handshake;
	bool has_ended; /* after these bytes, no more will come */
	uint8_t length;
	uint8_t bytes[FLIGHT_BYTES_MAX];
};

/* The part of an incomplete unit that has arrived. */
struct rest {
	uint16_t length;
	uint8_t bytes[SESSION_KEPT_MAX];
};

/* Replies that the peer has not taken yet. */
struct unsent {
	uint16_t length, sent;
	uint8_t bytes[REPLY_BYTES];
};

struct lent {
	struct pool arrivals, rests, unsents;
};

/* Prepares it for at most this many connections. Allocates nothing yet. */
void lent_init(struct lent *lent, size_t most);

void lent_wipe(struct lent *lent);

/*
 * Keeps n bytes in *rest instead of those kept before; with n = 0 nothing is
 * borrowed any more. False if memory runs out.
 */
MUST_CHECK COLD bool lent_keep_rest(
	struct lent *lent, struct rest **rest, const uint8_t *bytes, size_t n);

/*
 * Keeps n bytes, at most REPLY_BYTES, in *unsent, which held none. False if
 * memory runs out.
 */
MUST_CHECK COLD bool lent_keep_unsent(struct lent *lent, struct unsent **unsent,
	const uint8_t *bytes, size_t n);

/* Returns what is lent, if anything, at *from. */
void lent_return_arrival(struct lent *lent, struct arrival **from);
void lent_return_rest(struct lent *lent, struct rest **from);
void lent_return_unsent(struct lent *lent, struct unsent **from);
