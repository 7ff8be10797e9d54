// SPDX-License-Identifier: MIT
#include "bench/connection.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "bench/ending.h"
#include "crypto/random.h"
#include "net/socket.h"

enum { LEAVE_MS = 1000 };

static const uint64_t ms_ns = 1000000;

enum outcome connection_open(struct context *x, struct connection *c,
	const struct addrinfo *from, uint64_t now_ns)
{
	int fd = socket_start(x->plan->to, from);

	c->tried_ns = now_ns;
	c->watch.fd = fd;
	if (fd >= 0 && loop_add(x->loop, &c->watch, LOOP_WRITE)) {
		socket_close(fd);
		fd = -ENOMEM;
	}
	if (fd < 0) {
		tally_count(&x->score.tally, tally_failure(fd), 1);
		return OUTCOME_FAILED;
	}
	context_pass(x, c, STAGE_CONNECTING, now_ns);
	return OUTCOME_BUSY;
}

/*
 * Everything is sent in one call. Less than 2 KiB are ever in flight, and the
 * kernel accepts that much: if it does not, the server is not reading.
 */
static enum outcome deliver(
	struct context *x, struct connection *c, const struct buffer *out)
{
	ssize_t sent =
		out->len ? socket_send(c->watch.fd, out->bytes, out->len) : 0;

	if (sent == (ssize_t)out->len)
		return OUTCOME_BUSY;
	/* A request may have been cut, and END cannot follow that. */
	if (c->session.state == SESSION_OPEN)
		session_end(&c->session);
	socket_drop_unsent(c->watch.fd);
	return ending_fail(x, c,
		sent >= 0 || sent == -EAGAIN ? TALLY_REPLY_LATE
					     : tally_failure((int)sent));
}

/* The connection that this session is a part of. */
static struct connection *owner_of(struct session *s)
{
	return (struct connection *)((char *)s -
				     offsetof(struct connection, session));
}

static void replied(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	struct context *x = (struct context *)host;
	struct connection *c = owner_of(session);
	const struct asked *asked = context_oldest(c);

	(void)request;
	c->first++;
	c->count--;
	x->under_way--;
	/* The session has checked its form; only the error remains. */
	score_reply(&x->score, asked, c->received_ns,
		reply->text[0] == reply_error[0]);
}

static bool is_allowed(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	return trust_has(&((struct context *)host)->plan->expected, key);
}

void connection_share(struct context *x, struct timetable *timetable,
	long thread, size_t count)
{
	const struct plan *plan = timetable->plan;

	x->host = (struct session_host){
		.draw = random_bytes,
		.replied = replied,
		.is_allowed = is_allowed,
		.identity = plan->identity,
		.asks_older = plan->asks_older,
	};
	x->plan = plan;
	schedule_init(&x->schedule, timetable, thread);
	x->score.has_schedule = plan->mode == PLAN_OPEN;
	ring_init(&x->silent);
	x->stages[STAGE_NONE] = count;
}

/*
 * The exchange is over for this side. In handshakes mode, whether the server
 * agrees shows only when it closes after the END that was sent along.
 */
static enum outcome finish_exchange(struct context *x, struct connection *c)
{
	uint64_t now = clock_ns();

	c->exchange_ns = now - c->begun_ns;
	sodium_memzero(&c->handshake, sizeof(c->handshake));
	if (context_shakes_hands(x)) {
		context_pass(x, c, STAGE_LEAVING, now);
		return OUTCOME_BUSY;
	}
	context_pass(x, c, STAGE_OPEN, now);
	score_session(&x->score, c->tried_ns, c->exchange_ns, now);
	return OUTCOME_FREE;
}

/* Sends a flight, if it is this side's turn. The last one ends the exchange. */
static enum outcome send_flight(
	struct context *x, struct connection *c, struct buffer *out)
{
	enum outcome outcome;

	if (context_shakes_hands(x) && c->session.state == SESSION_OPEN &&
		session_send(&c->session, COMMAND_END, out))
		return ending_fail(x, c, TALLY_SYSTEM);
	outcome = deliver(x, c, out);
	return outcome != OUTCOME_FAILED && session_handshake_over(&c->session)
		       ? finish_exchange(x, c)
		       : outcome;
}

/* It is connected, or failed to be: the first flight leaves. */
static enum outcome start_exchange(struct context *x, struct connection *c)
{
	struct buffer out = { .bytes = x->out, .size = sizeof(x->out) };
	int error = socket_started(c->watch.fd);

	if (!error)
		error = loop_change(x->loop, &c->watch, LOOP_READ);
	if (!error)
		error = session_connect(&c->session, x->plan->exchange,
			&c->handshake, &x->host, &out);
	if (error)
		return ending_fail(x, c, tally_failure(error));
	context_pass(x, c, STAGE_EXCHANGE, clock_ns());
	score_connected(&x->score, c->tried_ns, c->begun_ns);
	return send_flight(x, c, &out);
}

/*
 * Keeps what the session did not take. Where messages have no borders, it may
 * be a whole reply: the silence after it will tell, once.
 */
static void keep(struct context *x, struct connection *c, size_t used, size_t n,
	bool late)
{
	c->kept = n - used;
	memcpy(c->rest, x->in + used, c->kept);
	if (c->kept && !late && session_patience(&c->session))
		ring_add(&x->silent, &c->silent);
	else
		ring_remove(&c->silent);
}

/* Feeds n bytes of x->in to the session. */
static enum outcome feed_session(
	struct context *x, struct connection *c, size_t n, bool late)
{
	struct buffer out = { .bytes = x->out, .size = sizeof(x->out) };
	unsigned count = c->count;
	ssize_t used;

	used = session_feed(&c->session, &x->host, x->in, n, late, &out);
	if (used < 0)
		return ending_fail(
			x, c, used == -EACCES ? TALLY_OTHER_KEY : TALLY_BROKEN);
	keep(x, c, (size_t)used, n, late);
	if (c->stage == STAGE_EXCHANGE)
		return send_flight(x, c, &out);
	if (deliver(x, c, &out) == OUTCOME_FAILED)
		return OUTCOME_FAILED;
	return c->count < count ? OUTCOME_FREE : OUTCOME_BUSY;
}

static enum outcome receive(struct context *x, struct connection *c)
{
	ssize_t n;

	memcpy(x->in, c->rest, c->kept);
	n = socket_receive(c->watch.fd, x->in + c->kept, CONTEXT_READ_BYTES);
	if (n == -EAGAIN)
		return OUTCOME_BUSY;
	if (n < 0)
		return ending_fail(x, c, tally_failure((int)n));
	/* Nothing can follow; and the loop will report the end again. */
	if (n == 0 && ring_is_in(&c->silent))
		return connection_end_silence(x, c);
	if (n == 0)
		return ending_fail(x, c, TALLY_CLOSED);
	c->received_ns = clock_ns();
	return feed_session(x, c, c->kept + (size_t)n, false);
}

/* After END, nothing matters but the end of the stream. */
static enum outcome wait_for_end(struct context *x, struct connection *c)
{
	ssize_t n = socket_receive(c->watch.fd, x->in, CONTEXT_READ_BYTES);

	if (n > 0 || n == -EAGAIN)
		return OUTCOME_BUSY;
	if (n < 0 && context_shakes_hands(x))
		return ending_fail(x, c, tally_failure((int)n));
	return ending_leave(x, c);
}

enum outcome connection_ready(struct context *x, struct connection *c)
{
	static enum outcome (*const turns[STAGES])(
		struct context *, struct connection *) = {
		[STAGE_CONNECTING] = start_exchange,
		[STAGE_EXCHANGE] = receive,
		[STAGE_OPEN] = receive,
		[STAGE_LEAVING] = wait_for_end,
	};

	return turns[c->stage](x, c);
}

enum outcome connection_ask(
	struct context *x, struct connection *c, unsigned most)
{
	struct buffer out = { .bytes = x->out, .size = sizeof(x->out) };
	unsigned depth = (unsigned)x->plan->depth;
	struct departure next;
	uint64_t now = clock_ns();

	for (; most && c->count < depth &&
		schedule_take(&x->schedule, now, &next);
		most--) {
		c->asked[(c->first + c->count++) % SESSION_DEPTH_MAX] =
			(struct asked){ next.due_ns, now };
		x->under_way++;
		if (session_send(&c->session, next.command, &out))
			return ending_fail(x, c, TALLY_SYSTEM);
	}
	if (deliver(x, c, &out) == OUTCOME_FAILED)
		return OUTCOME_FAILED;
	return !most && c->count < depth ? OUTCOME_FREE : OUTCOME_BUSY;
}

struct connection *connection_first_silent(
	const struct context *x, uint64_t *over_ns)
{
	struct ring *link = ring_first(&x->silent);
	struct connection *c;

	if (!link)
		return NULL;
	c = (struct connection *)((char *)link -
				  offsetof(struct connection, silent));
	*over_ns = c->received_ns + session_patience(&c->session) * ms_ns;
	return c;
}

enum outcome connection_end_silence(struct context *x, struct connection *c)
{
	memcpy(x->in, c->rest, c->kept);
	return feed_session(x, c, c->kept, true);
}

enum outcome connection_check(struct context *x, struct connection *c,
	uint64_t now_ns, uint64_t resumed_ns)
{
	bool leaves = c->stage == STAGE_LEAVING && !context_shakes_hands(x);
	uint64_t late_ns = leaves ? LEAVE_MS * ms_ns : x->plan->timeout_ns;
	uint64_t since_ns = c->count ? context_oldest(c)->sent_ns : c->begun_ns;

	if (c->stage == STAGE_NONE || (c->stage == STAGE_OPEN && !c->count))
		return OUTCOME_BUSY;
	/* A request sent during a pause may have a time from before it. */
	if (since_ns < resumed_ns)
		since_ns = resumed_ns;
	if (now_ns < since_ns || now_ns - since_ns < late_ns)
		return OUTCOME_BUSY;
	if (leaves)
		return ending_leave(x, c);
	return ending_fail(x, c,
		c->stage == STAGE_CONNECTING ? TALLY_CONNECT_LATE
		: c->stage == STAGE_EXCHANGE ? TALLY_EXCHANGE_LATE
					     : TALLY_REPLY_LATE);
}

enum outcome connection_leave(struct context *x, struct connection *c)
{
	struct buffer out = { .bytes = x->out, .size = sizeof(x->out) };

	if (!session_send(&c->session, COMMAND_END, &out) &&
		socket_send(c->watch.fd, out.bytes, out.len) >= 0) {
		context_pass(x, c, STAGE_LEAVING, clock_ns());
		return OUTCOME_BUSY;
	}
	ending_drop(x, c);
	return OUTCOME_CLOSED;
}
