// SPDX-License-Identifier: MIT
#include "server/worker.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/os.h"
#include "crypto/random.h"
#include "server/admission.h"
#include "server/arrival.h"
#include "server/lifetime.h"
#include "server/mail.h"

enum {
	REST_MS = 1000, /* rule 3 of the request recovery */
	STALLED_MS = 30000,
	DRAIN_MS = 1000,
};

static void answer_request(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	struct context *context = (struct context *)host;

	(void)session;
	counter_add(&context->counters, (enum counter)request);
	answer_write(&context->answers, request, reply);
}

static bool is_allowed(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	struct context *context = (struct context *)host;

	(void)session;
	return !context->authorized ||
	       authorized_find(context->authorized, key);
}

/* Stopping has a deadline like everything else. */
static void look_ahead(struct worker *w)
{
	deadlines_look_ahead(&w->context.deadlines);
	if (w->stopping && w->stop_by_ms < w->context.deadlines.next_ms)
		w->context.deadlines.next_ms = w->stop_by_ms;
}

/* Ends those whose deadline has passed, of every kind. */
static void expire(struct worker *w)
{
	lifetime_expire(&w->context);
	w->is_over = w->stopping && w->context.now_ms >= w->stop_by_ms;
	look_ahead(w);
}

/* Every connection moves to a deadline of a later stage, or is closed. */
static void begin_stop(struct worker *w)
{
	w->stopping = true;
	w->stop_by_ms = w->context.now_ms + WORKER_STOP_MS;
	lifetime_each(&w->context, connection_stop);
	look_ahead(w);
}

/* The end of the mailbox is the order to stop: it cannot be lost. */
static void read_mail(struct worker *w)
{
	w->has_mail = false;
	if (!mail_take(&w->mailbox, &w->context) && !w->stopping)
		begin_stop(w);
}

static bool is_finished(const struct worker *w)
{
	return w->stopping && (!w->context.connections.lent || w->is_over);
}

/* How long to wait: INT_MAX, which is 24 days, means without limit. */
static int timeout_ms(const struct worker *w)
{
	uint64_t due_ms = w->context.deadlines.next_ms, ask_ms;

	if (due_ms <= w->context.now_ms || !queue_is_empty(&w->context.queue))
		return 0;
	ask_ms = pace_ask(due_ms - w->context.now_ms);
	return ask_ms > INT_MAX ? INT_MAX : (int)ask_ms;
}

/*
 * Runs one of the costly flights that wait. A full batch may have left out
 * requests that are ready, and they go first; but after enough full batches for
 * every connection to have been reported, a flight is run too.
 */
static COLD void run_flight(struct worker *w, bool is_full)
{
	struct context *context = &w->context;
	struct queue_place *place;
	struct connection *c;

	if (is_full && w->full_wakes++ <
			       context->connections.lent / (size_t)loop_batch)
		return;
	w->full_wakes = 0;
	place = queue_next(&context->queue, context->now_ms);
	c = ((struct arrival *)place)->connection;
	lifetime_settle(context, c, arrival_run(context, c));
}

/* What a wake does besides requests: flights, deadlines, letters. */
static COLD void attend(struct worker *w, bool was_asked_not_to_wait, int found)
{
	struct pace_wake wake = {
		.was_asked_not_to_wait = was_asked_not_to_wait,
		.is_full = found < 0 || found >= loop_batch,
		.connections = w->context.connections.lent,
		.batch = (size_t)loop_batch,
	};

	if (!queue_is_empty(&w->context.queue))
		run_flight(w, wake.is_full);
	wake.has_left_flights = !queue_is_empty(&w->context.queue);
	if (w->context.deadlines.next_ms <= w->context.now_ms &&
		pace_may_expire(&w->pace, &wake))
		expire(w);
	/* Last, since it may close connections that events still point to. */
	if (w->has_mail)
		read_mail(w);
}

static void take_turn(struct context *context, struct connection *c)
{
	struct turn turn = connection_ready(context, c);

	if (turn.outcome != TURN_QUIET)
		lifetime_settle(context, c, turn);
}

static COLD void take_arrival(struct context *context, struct connection *c)
{
	lifetime_settle(context, c, arrival_ready(context, c));
}

/*
 * Serves what is ready, and then runs one costly flight, which takes as long as
 * a hundred requests: so a request waits for at most one flight.
 */
__attribute__((flatten, noinline)) static void serve_ready(struct worker *w)
{
	struct watch *ready;
	int asked_ms, n;

	if (pace_should_rest(&w->pace))
		pace_rest(&w->pace, clock_ms(), pace_own_ms(&w->pace));
	asked_ms = timeout_ms(w);
	n = loop_wait(w->context.loop, asked_ms);
	w->context.now_ms = pace_woke(&w->pace, clock_ms(), (uint64_t)asked_ms);
	if (n < 0) /* out of memory, which may be temporary */
		os_rest_ms(10);
	w->has_mail = n < 0; /* an order to stop must come through */
	while ((ready = loop_next(w->context.loop))) {
		struct connection *c = (struct connection *)ready;

		if (ready == &w->mail)
			w->has_mail = true;
		else if (!c->arrival)
			take_turn(&w->context, c);
		else
			take_arrival(&w->context, c);
	}
	if (w->has_mail || w->context.queue.waiting ||
		w->context.deadlines.next_ms <= w->context.now_ms)
		attend(w, !asked_ms, n);
}

static void *worker_main(void *argument)
{
	struct worker *w = argument;

	w->context.now_ms = clock_ms();
	pace_open(&w->pace);
	pace_rest(&w->pace, w->context.now_ms, pace_own_ms(&w->pace));
	w->is_running = true;
	while (!is_finished(w))
		serve_ready(w);
	lifetime_each(&w->context, connection_abandon);
	pace_close(&w->pace);
	return NULL;
}

static void init_deadlines(struct context *context)
{
	const unsigned spans_ms[DEADLINE_KINDS] = {
		[DEADLINE_HANDSHAKE] = context->settings->handshake_ms,
		[DEADLINE_IDLE] = context->settings->idle_ms,
		[DEADLINE_REST] = REST_MS,
		[DEADLINE_STALLED] = STALLED_MS,
		[DEADLINE_DRAIN] = DRAIN_MS,
		[DEADLINE_YIELD] = 1,
	};

	deadlines_init(&context->deadlines, spans_ms);
}

static void release(struct worker *w)
{
	mailbox_free(&w->mailbox);
	loop_close(w->context.loop);
	pool_wipe(&w->context.connections);
	lent_wipe(&w->context.lent);
	authorized_release(w->context.authorized);
	sodium_memzero(w, sizeof(*w));
	free(w);
}

struct worker *worker_new(const struct settings *settings,
	struct peer_log *peer_log, struct sources *sources,
	const struct noise_identity *identity,
	const struct noise_identity *older, struct authorized *authorized)
{
	struct worker *w = calloc(1, sizeof(*w));
	size_t most = (size_t)admission_most(
		(unsigned long)settings->max_connections);
	uint8_t key[QUEUE_KEY_BYTES];
	struct context *context;
	int error = -ENOMEM;

	if (!w)
		goto out;
	context = &w->context;
	context->host = (struct session_host){
		.draw = random_bytes,
		.answer = answer_request,
		.is_allowed = is_allowed,
		.identity = identity,
		.older = older,
		.requires_secure = settings->requires_secure,
	};
	context->settings = settings;
	context->peer_log = peer_log;
	context->sources = sources;
	context->authorized = authorized_share(authorized);
	init_deadlines(context);
	pool_init(&context->connections, sizeof(struct connection), most);
	lent_init(&context->lent, most);
	random_bytes(key, sizeof(key));
	queue_init(&context->queue, key, settings->handshake_ms / 2);
	context->loop = loop_open();
	error = context->loop ? mail_open(&w->mailbox) : -errno;
	if (!error) {
		w->mail.fd = w->mailbox.waker.fd;
		error = loop_add(context->loop, &w->mail, LOOP_READ);
	}
	if (!error)
		error = -pthread_create(&w->thread, NULL, worker_main, w);
	if (!error)
		return w;
	release(w);
out:
	errno = -error;
	return NULL;
}

void worker_stop(struct worker *w)
{
	mailbox_close(&w->mailbox);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	pthread_join(w->thread, NULL);
	release(w);
}
