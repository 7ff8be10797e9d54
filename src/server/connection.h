// SPDX-License-Identifier: MIT
/*
 * A connection: a session, its socket and its deadline. This moves bytes
 * between the socket and the session whenever it is the connection's turn. What
 * they mean is the session's business, when to look is the worker's, and what
 * follows from a turn is lifetime.c's: none of these functions sets a deadline,
 * changes what the loop waits for, or ends the connection.
 */
#pragma once

#include "net/address.h"
#include "server/context.h"

struct connection {
	struct watch watch; /* first: what the loop returns is a connection */
	struct deadline deadline;
	struct arrival *arrival; /* during the flights, else NULL */
	struct rest *rest;
	struct unsent *unsent;
	struct address peer;
	struct source *source; /* NULL: not counted, as its key is listed */
	uint8_t deadline_kind;
	bool is_extra; /* it came when the server was full */
	struct session session;
};

static inline struct connection *connection_of(struct deadline *d)
{
	return (struct connection *)((char *)d -
				     offsetof(struct connection, deadline));
}

enum outcome {
	TURN_QUIET,   /* nothing to do */
	TURN_GOES_ON, /* it continues, perhaps waiting for something else */
	TURN_REFUSED, /* it must end for a reason */
	TURN_OVER,    /* it must end */
};

/* The outcome of a turn; lifetime_settle() acts on it. */
struct turn {
	enum outcome outcome;
	enum counter reason; /* why it must end */
	/* A request was completed, or bytes arrived for one. */
	bool has_progressed;
};

static inline struct turn turn_quiet(void)
{
	return (struct turn){ .outcome = TURN_QUIET };
}

static inline struct turn turn_goes_on(bool has_progressed)
{
	return (struct turn){
		.outcome = TURN_GOES_ON,
		.has_progressed = has_progressed,
	};
}

static inline struct turn turn_refused(enum counter reason)
{
	return (struct turn){ .outcome = TURN_REFUSED, .reason = reason };
}

static inline struct turn turn_over(void)
{
	return (struct turn){ .outcome = TURN_OVER };
}

/* The loop found the socket ready; during the flights see arrival_ready(). */
struct turn connection_ready(struct context *context, struct connection *c);

/* Feeds n bytes of context->in to the session; late: see session_feed(). */
struct turn connection_feed(
	struct context *context, struct connection *c, size_t n, bool late);

/* It hung up, in whatever way. During the flights that is a failure. */
struct turn connection_hung_up(const struct connection *c);

/* The deadline, of this kind, has passed. */
struct turn connection_due(
	struct context *context, struct connection *c, enum deadline_kind kind);

/* The list of keys has changed: is this connection's key still on it? */
struct turn connection_recheck(struct context *context, struct connection *c);

/* The server stops: answers what has arrived, and no more. */
struct turn connection_stop(struct context *context, struct connection *c);

/* The server has stopped. */
struct turn connection_abandon(struct context *context, struct connection *c);
