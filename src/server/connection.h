// SPDX-License-Identifier: MIT
/*
 * A connection: a session, its socket and its deadline, from accept to close.
 * Here bytes move between the two; what they mean is the session's affair, and
 * when to look is the worker's. Any of these functions may end the connection.
 */
#pragma once

#include "server/worker.h"

/* What arrived of a unit that is not whole yet. */
struct rest {
	uint16_t length;
	uint8_t bytes[SESSION_KEPT_MAX];
};

/* Replies that the peer has not taken yet. */
struct unsent {
	uint16_t length, sent;
	uint8_t bytes[REPLY_BYTES];
};

struct connection {
	struct watch watch; /* first: see worker_main() */
	struct deadline deadline;
	struct rest *rest;
	struct unsent *unsent;
	struct address peer;
	uint8_t deadline_kind;
	struct session session;
};

void connection_open(struct worker *w, int fd, const struct address *peer);

/* The loop found the socket ready. */
void connection_ready(struct worker *w, struct connection *c);

/* The deadline, of this kind, has come. */
void connection_due(
	struct worker *w, struct connection *c, enum deadline_kind kind);

/* The list of keys has changed: is its own still on it? */
void connection_recheck(struct worker *w, struct connection *c);

/* Answers what has arrived, then ends; see worker_stop(). */
void connection_stop(struct worker *w, struct connection *c);

void connection_close(struct worker *w, struct connection *c);
