// SPDX-License-Identifier: MIT
#include "server/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/os.h"
#include "crypto/random.h"
#include "server/connection.h"
#include "server/mail.h"

enum {
	FLIGHTS_A_WAKE = 256, /* looked at */
	REST_MS = 1000,       /* rule 3 of the request recovery */
	STALLED_MS = 30000,
	DRAIN_MS = 1000,
};

_Static_assert((1 + READ_BYTES / COMMAND_LEAST) * REPLY_MAX <= REPLY_BYTES,
	"all replies to one read fit");

static void answer_request(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	struct worker *w = (struct worker *)host;

	(void)session;
	count(&w->counters, (enum counter)request);
	answer(&w->answers, request, reply);
}

static bool is_allowed(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	struct worker *w = (struct worker *)host;

	(void)session;
	return !w->authorized || authorized_find(w->authorized, key);
}

static struct connection *connection_of(struct deadline *d)
{
	return (struct connection *)((char *)d -
				     offsetof(struct connection, deadline));
}

/* Stopping is due at its time like everything else. */
static void look_ahead(struct worker *w)
{
	deadlines_look_ahead(&w->deadlines);
	if (w->stopping && w->stop_by_ms < w->deadlines.next_ms)
		w->deadlines.next_ms = w->stop_by_ms;
}

/* Ends those whose time has come, of every kind. */
static void expire(struct worker *w)
{
	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *d;

		while ((d = deadlines_due(&w->deadlines, kind, w->now_ms)))
			connection_due(w, connection_of(d), kind);
	}
	w->is_over = w->stopping && w->now_ms >= w->stop_by_ms;
	look_ahead(w);
}

/* Each of them, whatever it waits for; it may close itself. */
static void for_each(
	struct worker *w, void (*act)(struct worker *w, struct connection *c))
{
	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline *d = deadlines_first(&w->deadlines, kind);

		while (d) {
			struct deadline *next =
				deadlines_next(&w->deadlines, kind, d);

			act(w, connection_of(d));
			d = next;
		}
	}
}

void worker_begin_stop(struct worker *w)
{
	w->stopping = true;
	w->stop_by_ms = w->now_ms + WORKER_STOP_MS;
	for_each(w, connection_stop);
	look_ahead(w);
}

void worker_use_list(struct worker *w, struct authorized *list)
{
	authorized_release(w->authorized);
	w->authorized = list;
	for_each(w, connection_recheck);
}

static bool is_finished(const struct worker *w)
{
	return w->stopping && (!w->connections.lent || w->is_over);
}

/* How long to wait: INT_MAX, which is 24 days, stands for ever. */
static int timeout_ms(const struct worker *w)
{
	uint64_t due_ms = w->deadlines.next_ms, ask_ms;

	if (due_ms <= w->now_ms)
		return 0;
	ask_ms = pace_ask(due_ms - w->now_ms);
	return ask_ms > INT_MAX ? INT_MAX : (int)ask_ms;
}

/*
 * Up to and with the first one that is costly. A full batch may have left out
 * requests that are ready, and they go first; but after so many batches that
 * everybody has had a turn, it is the flights' turn too.
 */
static COLD bool run_flights(struct worker *w,
	struct connection *const flights[], int n, bool is_full)
{
	int i;

	if (is_full &&
		w->full_wakes++ < w->connections.lent / (size_t)loop_batch)
		return false;
	w->full_wakes = 0;
	w->has_run_flight = false;
	for (i = 0; i < n && !w->has_run_flight; i++)
		connection_ready(w, flights[i]);
	return i == n && n < FLIGHTS_A_WAKE;
}

/* What a wake has besides requests: flights, deadlines, letters. */
static COLD void attend(struct worker *w, struct connection *const flights[],
	int flight_count, struct pace_wake *wake)
{
	if (flight_count)
		wake->has_left_flights =
			!run_flights(w, flights, flight_count, wake->is_full);
	if (w->deadlines.next_ms <= w->now_ms &&
		pace_may_expire(&w->pace, wake))
		expire(w);
	/* Last, since it may close what events still point at. */
	if (w->has_mail)
		mail_read(w);
}

/*
 * Serves what is ready, sessions first: a flight of the noise exchange takes
 * as long as a hundred requests. So of the connections that are still in their
 * flights no more than one costly flight is run; the others are reported again
 * by the next wait, together with what has become ready meanwhile.
 */
__attribute__((flatten)) static void serve(struct worker *w)
{
	struct connection *flights[FLIGHTS_A_WAKE];
	int flight_count = 0;
	struct watch *ready;
	int asked_ms, n;

	if (pace_should_rest(&w->pace))
		pace_rest(&w->pace, clock_ms(), pace_own_ms());
	asked_ms = timeout_ms(w);
	n = loop_wait(w->loop, asked_ms);
	w->now_ms = pace_woke(&w->pace, clock_ms(), (uint64_t)asked_ms);
	if (n < 0) /* no memory for it; it may pass */
		os_rest_ms(10);
	while ((ready = loop_next(w->loop))) {
		struct connection *c = (struct connection *)ready;

		if (ready == &w->mail)
			w->has_mail = true;
		else if (session_handshake_over(&c->session))
			connection_ready(w, c);
		else if (flight_count < FLIGHTS_A_WAKE)
			flights[flight_count++] = c;
	}
	if (flight_count || w->has_mail || w->deadlines.next_ms <= w->now_ms)
		attend(w, flights, flight_count,
			&(struct pace_wake){
				.was_asked_not_to_wait = !asked_ms,
				.is_full = n < 0 || n >= loop_batch,
				.connections = w->connections.lent,
				.batch = (size_t)loop_batch,
			});
}

static void *worker_main(void *argument)
{
	struct worker *w = argument;

	w->now_ms = clock_ms();
	pace_rest(&w->pace, w->now_ms, pace_own_ms());
	while (!is_finished(w))
		serve(w);
	for_each(w, connection_close);
	refusals_flush(&w->refusals, w->log);
	return NULL;
}

static void init_deadlines(struct worker *w)
{
	const unsigned spans_ms[DEADLINE_KINDS] = {
		[DEADLINE_HANDSHAKE] = w->settings->handshake_ms,
		[DEADLINE_IDLE] = w->settings->idle_ms,
		[DEADLINE_REST] = REST_MS,
		[DEADLINE_STALLED] = STALLED_MS,
		[DEADLINE_DRAIN] = DRAIN_MS,
	};

	deadlines_init(&w->deadlines, spans_ms);
}

static void init_pools(struct worker *w)
{
	size_t most = (size_t)w->settings->max_connections;

	pool_init(&w->connections, sizeof(struct connection), most);
	pool_init(&w->handshakes, sizeof(struct handshake), most);
	pool_init(&w->rests, sizeof(struct rest), most);
	pool_init(&w->unsents, sizeof(struct unsent), most);
}

static void release(struct worker *w)
{
	mailbox_free(&w->mailbox);
	loop_close(w->loop);
	pool_wipe(&w->connections);
	pool_wipe(&w->handshakes);
	pool_wipe(&w->rests);
	pool_wipe(&w->unsents);
	authorized_release(w->authorized);
	explicit_bzero(w, sizeof(*w));
	free(w);
}

struct worker *worker_new(const struct settings *settings, struct log *log,
	const struct noise_identity *identity,
	const struct noise_identity *older, struct authorized *authorized)
{
	struct worker *w = calloc(1, sizeof(*w));
	int error = -ENOMEM;

	if (!w)
		goto out;
	w->host = (struct session_host){
		.draw = random_bytes,
		.answer = answer_request,
		.is_allowed = is_allowed,
		.identity = identity,
		.older = older,
		.requires_secure = settings->requires_secure,
	};
	w->settings = settings;
	w->log = log;
	w->authorized = authorized_share(authorized);
	init_deadlines(w);
	init_pools(w);
	w->loop = loop_open();
	error = w->loop ? mail_open(w) : -errno;
	if (!error)
		error = -pthread_create(&w->thread, NULL, worker_main, w);
	if (!error)
		return w;
	release(w);
out:
	errno = -error;
	return NULL;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	pthread_join(w->thread, NULL);
	release(w);
}
