// SPDX-License-Identifier: MIT
#include "server/arrival.h"

#include <errno.h>
#include <string.h>

#include "net/socket.h"

static struct flight next_flight(
	const struct context *context, struct connection *c)
{
	return session_flight(&c->session, &context->host, c->arrival->bytes,
		c->arrival->length);
}

/* Decides what to do with what has arrived. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as an exchange has flights */
static struct turn consider(struct context *context, struct connection *c)
{
	struct flight flight = next_flight(context, c);

	if (flight.length && !flight.is_costly)
		return arrival_run(context, c);
	/* The peer of a flight that ends an exchange has done work before. */
	if (flight.length)
		queue_add(&context->queue, &c->arrival->place,
			flight.is_last && c->session.flight ? QUEUE_LAST
							    : QUEUE_FIRST,
			&c->peer, context->now_ms);
	return turn_goes_on(false);
}

struct turn arrival_ready(struct context *context, struct connection *c)
{
	struct arrival *a = c->arrival;
	ssize_t n;

	if (c->unsent) {
		struct turn turn = connection_ready(context, c);

		return c->unsent || turn.outcome != TURN_GOES_ON
			       ? turn
			       : consider(context, c);
	}
	if (!arrival_has_room(a))
		return connection_hung_up(c); /* nothing else is awaited */
	n = socket_receive(c->watch.fd, a->bytes + a->length,
		sizeof(a->bytes) - a->length);
	/* It sends no more, but its last flight waits: that still counts. */
	a->has_ended = !n && queue_holds(&a->place) && c->session.flight;
	if (n <= 0 && !a->has_ended)
		return n == -EAGAIN ? turn_quiet() : connection_hung_up(c);
	a->length += (uint8_t)n;
	return queue_holds(&a->place) ? turn_goes_on(false)
				      : consider(context, c);
}

/*
 * Requests may follow the last flight, and over xor, what arrives together
 * determines what they are: so all of it is read. Returns the number of bytes.
 */
static size_t read_on(struct context *context, struct connection *c, size_t n)
{
	struct arrival *a = c->arrival;
	ssize_t more;

	memcpy(context->in + n, a->bytes, a->length);
	more = socket_receive(c->watch.fd, context->in + n + a->length,
		READ_BYTES - a->length);
	n += a->length;
	a->length = 0;
	return more > 0 ? n + (size_t)more : n;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as an exchange has flights */
struct turn arrival_run(struct context *context, struct connection *c)
{
	struct flight flight = next_flight(context, c);
	struct arrival *a = c->arrival;
	size_t n = flight.length;
	struct turn turn;

	if (!n)
		return turn_goes_on(false);
	memcpy(context->in, a->bytes, n);
	a->length -= (uint8_t)n;
	memmove(a->bytes, a->bytes + n, a->length);
	if (flight.is_last)
		n = read_on(context, c, n);
	turn = connection_feed(context, c, n, false);
	if (turn.outcome == TURN_GOES_ON && c->arrival && !c->unsent)
		turn = consider(context, c);
	return turn;
}
