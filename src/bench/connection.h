// SPDX-License-Identifier: MIT
/*
 * What a connection of the load generator does when its turn comes. It takes a
 * departure from the schedule for each request, and reports to the score. It
 * knows neither the other connections nor what follows from an outcome: that
 * is the driver's.
 */
#pragma once

#include "bench/context.h"

/* Prepares what count connections share, which themselves are all zero. */
void connection_share(struct context *x, struct timetable *timetable,
	long thread, size_t count);

/* Starts connecting, from this local address; NULL: the system's choice. */
MUST_CHECK enum outcome connection_open(struct context *x, struct connection *c,
	const struct addrinfo *from, uint64_t now_ns);

/* Its socket is ready for what it waits for. */
MUST_CHECK enum outcome connection_ready(
	struct context *x, struct connection *c);

/*
 * Sends the requests that the schedule allows, at most that many, in one send.
 * OUTCOME_FREE: that many were sent, and there is room for more.
 */
MUST_CHECK enum outcome connection_ask(
	struct context *x, struct connection *c, unsigned most);

/* Of the connections whose reply may be whole, the one whose last bytes came
 * first, or NULL. At *over_ns the silence has been long enough. */
struct connection *connection_first_silent(
	const struct context *x, uint64_t *over_ns);

/* The silence has been long enough: the reply is whole. */
MUST_CHECK enum outcome connection_end_silence(
	struct context *x, struct connection *c);

/*
 * Ends it if it has been waited for too long. Waiting counts from resumed_ns at
 * the earliest, when the thread ran again after a pause.
 */
MUST_CHECK enum outcome connection_check(struct context *x,
	struct connection *c, uint64_t now_ns, uint64_t resumed_ns);

/* Sends END, if that is possible, and waits for the server to close. */
MUST_CHECK enum outcome connection_leave(
	struct context *x, struct connection *c);
