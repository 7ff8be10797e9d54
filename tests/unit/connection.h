// SPDX-License-Identifier: MIT
/*
 * The worker's part, for connections on fake sockets: a context as a worker
 * has it, and turns for what is ready and due, a step at a time. Knows no
 * thread and no mail. Used by the tests of connections.
 */
#pragma once

#include "visitor.h"

#include <errno.h>

#include "server/arrival.h"
#include "server/lifetime.h"

static const unsigned spans_ms[DEADLINE_KINDS] = {
	[DEADLINE_HANDSHAKE] = 5000,
	[DEADLINE_IDLE] = 60000,
	[DEADLINE_REST] = 1000,
	[DEADLINE_STALLED] = 30000,
	[DEADLINE_DRAIN] = 1100,
	[DEADLINE_YIELD] = 1,
};

static const struct settings settings;
static struct peer_log peer_log;
static struct sources sources;

/* The same reply each time, so that two contexts say the same. */
static inline void context_answer(struct session_host *host,
	struct session *session, enum command request, struct reply *reply)
{
	static const struct reply replies[COMMAND_COUNT] = {
		[COMMAND_TIME] = { 15, "12:34:56.789012" },
		[COMMAND_DATE] = { 10, "2024-11-25" },
		[COMMAND_TEMP] = { 2, "-7" },
		[COMMAND_UNKNOWN] = { 4, "\xde\xad\xbe\xef" },
	};

	(void)session;
	counter_add(&((struct context *)host)->counters, (enum counter)request);
	*reply = replies[request];
}

/* Who is refused: everybody with a key, or nobody. */
static bool refuses_all;

static inline bool context_allows(struct session_host *host,
	struct session *session, const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)host;
	(void)session;
	return key && !refuses_all;
}

static inline void context_begin(struct context *context, size_t most,
	const struct noise_identity *identity)
{
	*context = (struct context){
		.host = { .draw = dice_bytes,
			.answer = context_answer,
			.is_allowed = context_allows,
			.identity = identity },
		.settings = &settings,
		.peer_log = &peer_log,
		.sources = &sources,
		.loop = loop_open(),
		.now_ms = 1000000,
	};
	peer_log_open(&peer_log, NULL, false, NULL);
	if (!sources.pool.limit)
		sources_open(&sources, 1000, 1000);
	sources.limit = 1000;
	deadlines_init(&context->deadlines, spans_ms);
	pool_init(&context->connections, sizeof(struct connection), most);
	lent_init(&context->lent, most);
	queue_init(&context->queue, (const uint8_t *)"sixteen bytes...",
		spans_ms[DEADLINE_HANDSHAKE] / 2);
	refuses_all = false;
}

static inline void context_end(struct context *context)
{
	loop_close(context->loop);
	pool_wipe(&context->connections);
	lent_wipe(&context->lent);
}

/* How much is lent to connections that are there? */
static inline size_t context_lent(const struct context *context)
{
	return context->lent.arrivals.lent + context->lent.rests.lent +
	       context->lent.unsents.lent;
}

/* A connection from nowhere on this socket; NULL: it was closed at once. */
static inline struct connection *context_connect(
	struct context *context, int fd)
{
	const struct address nowhere = { .ip = { 192, 0, 2, 1 }, .port = 7 };

	lifetime_begin(context, fd, &nowhere);
	if (fake_of(fd)->is_closed)
		return NULL;
	return connection_of(
		context->deadlines.queues[DEADLINE_HANDSHAKE].previous);
}

/* Is it ready for what it waits for? */
static inline bool connection_is_ready(const struct connection *c)
{
	return fake_ready(c->watch.fd) & c->watch.wants;
}

/* All that wait for a costly flight have their turn: how many they were. */
static inline unsigned context_run_flights(struct context *context)
{
	struct queue_place *place;
	unsigned n = 0;

	for (; (place = queue_next(&context->queue, context->now_ms)); n++) {
		struct connection *c = ((struct arrival *)place)->connection;

		lifetime_settle(context, c, arrival_run(context, c));
	}
	return n;
}

/* Its turns, as long as it is ready: is it still there? */
static inline bool context_serve(struct context *context, struct connection *c)
{
	int fd = c->watch.fd;

	while (!fake_of(fd)->is_closed && connection_is_ready(c)) {
		lifetime_settle(context, c,
			c->arrival ? arrival_ready(context, c)
				   : connection_ready(context, c));
		context_run_flights(context);
	}
	return !fake_of(fd)->is_closed;
}

/* Time passes, and what is due has its turn. */
static inline void context_pass_ms(struct context *context, uint64_t ms)
{
	struct deadline *d;

	context->now_ms += ms;
	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++)
		while ((d = deadlines_due(
				&context->deadlines, kind, context->now_ms)))
			lifetime_settle(context, connection_of(d),
				connection_due(
					context, connection_of(d), kind));
}
