// SPDX-License-Identifier: MIT
/*
 * What a connection of the load generator does when its turn comes. It takes a
 * departure from the schedule for each request, and reports to the score. It
 * knows neither the other connections nor what follows from an outcome: that
 * is the driver's.
 */
#pragma once

#include "bench/context.h"

/* Prepares what count connections share, all of which are all zero. */
void connection_share(struct context *x, struct timetable *timetable,
	long thread, size_t count);

/* Starts connecting, from an address of one's own or NULL. */
MUST_CHECK enum outcome connection_open(struct context *x, struct connection *c,
	const struct addrinfo *from, uint64_t now_ns);

/* Its socket is ready for what is awaited. */
MUST_CHECK enum outcome connection_ready(
	struct context *x, struct connection *c);

/*
 * Asks as often as the schedule lets it, but most times in all; in one send.
 * OUTCOME_FREE: so often, and it can be asked again.
 */
MUST_CHECK enum outcome connection_ask(
	struct context *x, struct connection *c, unsigned most);

/* The connection whose last bytes came first, of those in x->silent; or NULL.
 * At *over_ns its reply is whole, see connection_end_silence(). */
struct connection *connection_first_silent(
	const struct context *x, uint64_t *over_ns);

/* Nothing more came to its reply for so long that it is whole. */
MUST_CHECK enum outcome connection_end_silence(
	struct context *x, struct connection *c);

/*
 * Has it been waited for too long? Nothing was waited for before resumed_ns,
 * when the thread had not run for a while.
 */
MUST_CHECK enum outcome connection_check(struct context *x,
	struct connection *c, uint64_t now_ns, uint64_t resumed_ns);

/* Says END, if it can be said, and waits for the server to close. */
MUST_CHECK enum outcome connection_leave(
	struct context *x, struct connection *c);
