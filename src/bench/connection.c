// SPDX-License-Identifier: MIT
#include "bench/connection.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "net/socket.h"

enum { LEAVE_MS = 1000 };

static void pass_to(struct connection *c, enum stage stage)
{
	c->stage = (uint8_t)stage;
	c->begun_ns = clock_ns();
}

/* What is counted must have been due within the time that is. */
static bool is_counted(const struct driver *d, uint64_t due_ns)
{
	return due_ns >= d->counted_ns;
}

static bool is_handshakes(const struct driver *d)
{
	return d->plan->mode == PLAN_HANDSHAKES;
}

static void note_end(struct driver *d, uint64_t ns)
{
	if (d->ended_ns < ns)
		d->ended_ns = ns;
}

/* None of it is under way any more. */
static void forget_asked(
	struct driver *d, struct connection *c, enum tally_count as)
{
	d->under_way -= c->count;
	for (; c->count; c->count--, c->first++)
		if (is_counted(
			    d, c->asked[c->first % SESSION_DEPTH_MAX].due_ns))
			tally_count(&d->tally, as, 1);
}

/*
 * Leaves an open session with END, whatever the reason: a client that just
 * vanishes costs the original a worker. Anything else is reset.
 */
static void end_session(struct driver *d, struct connection *c)
{
	struct buffer out = { .bytes = d->out, .size = sizeof(d->out) };

	if (c->session.state == SESSION_ENDED)
		return;
	if (session_send(&c->session, COMMAND_END, &out) ||
		socket_send(c->watch.fd, out.bytes, out.len) !=
			(ssize_t)out.len)
		socket_drop_unsent(c->watch.fd);
}

static void close_it(struct driver *d, struct connection *c)
{
	ring_remove(&c->idle);
	ring_remove(&c->silent);
	if (c->stage == STAGE_CONNECTING || c->stage == STAGE_EXCHANGE)
		d->opening--;
	loop_remove(d->loop, &c->watch);
	end_session(d, c);
	socket_close(c->watch.fd);
	d->sockets--;
	session_wipe(&c->session);
	explicit_bzero(&c->handshake, sizeof(c->handshake));
	c->kept = 0;
	c->stage = STAGE_NONE;
}

static void fail(
	struct driver *d, struct connection *c, enum tally_count reason)
{
	tally_count(&d->tally, reason, 1);
	forget_asked(d, c, TALLY_MISSING);
	close_it(d, c);
	driver_closed(d, c, true);
}

static enum tally_count reason_of(int error)
{
	switch (error) {
	case -ECONNREFUSED:
		return TALLY_REFUSED;
	case -EADDRNOTAVAIL:
	case -EADDRINUSE:
		return TALLY_NO_PORT;
	case -ETIMEDOUT:
		return TALLY_CONNECT_LATE;
	case -ECONNRESET:
	case -EPIPE:
		return TALLY_RESET;
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
	case -ENOBUFS:
	case -ENOSPC:
		return TALLY_SYSTEM;
	default:
		return TALLY_UNREACHABLE;
	}
}

void connection_open(
	struct driver *d, struct connection *c, size_t index, uint64_t now_ns)
{
	const struct plan *p = d->plan;
	const struct addrinfo *from =
		p->from_count ? p->from[index % p->from_count] : NULL;
	int fd;

	c->stage = STAGE_CONNECTING;
	c->tried_ns = c->begun_ns = now_ns;
	fd = socket_start(p->to, from);
	c->watch.fd = fd;
	if (fd >= 0 && loop_add(d->loop, &c->watch, LOOP_WRITE)) {
		socket_close(fd);
		fd = -ENOMEM;
	}
	if (fd < 0) {
		c->stage = STAGE_NONE;
		tally_count(&d->tally, reason_of(fd), 1);
		driver_closed(d, c, true);
		return;
	}
	d->opening++;
	d->sockets++;
}

/*
 * In one send. Less than 2 KiB are ever under way, and the kernel takes that
 * of who has read all replies: a server that makes it refuse does not read.
 */
static bool deliver(
	struct driver *d, struct connection *c, const struct buffer *out)
{
	ssize_t sent =
		out->len ? socket_send(c->watch.fd, out->bytes, out->len) : 0;

	if (sent == (ssize_t)out->len)
		return true;
	/* A request may have been cut, and END cannot follow that. */
	session_end(&c->session);
	socket_drop_unsent(c->watch.fd);
	fail(d, c,
		sent >= 0 || sent == -EAGAIN ? TALLY_REPLY_LATE
					     : reason_of((int)sent));
	return false;
}

/* Whose session it is. */
static struct connection *connection_of(struct session *s)
{
	return (struct connection *)((char *)s -
				     offsetof(struct connection, session));
}

static void replied(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	struct driver *d = (struct driver *)host;
	struct connection *c = connection_of(session);
	struct asked asked = c->asked[c->first++ % SESSION_DEPTH_MAX];

	(void)request;
	c->count--;
	d->under_way--;
	if (!is_counted(d, asked.due_ns))
		return;
	/* Its form the session has looked at; only the error is left. */
	if (reply->text[0] == reply_error[0]) {
		tally_count(&d->tally, TALLY_WRONG, 1);
		return;
	}
	note_end(d, c->received_ns);
	histogram_record(
		&d->tally.times[TALLY_REQUEST], c->received_ns - asked.due_ns);
	if (d->plan->mode == PLAN_OPEN)
		histogram_record(&d->tally.times[TALLY_UNCORRECTED],
			c->received_ns - asked.sent_ns);
}

static bool is_allowed(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	return trust_has(&((struct driver *)host)->plan->expected, key);
}

struct session_host connection_host(const struct plan *plan)
{
	return (struct session_host){
		.draw = random_bytes,
		.replied = replied,
		.is_allowed = is_allowed,
		.identity = plan->identity,
		.asks_older = plan->asks_older,
	};
}

/* Connected: the first flight leaves. */
static void connected(struct driver *d, struct connection *c)
{
	struct buffer out = { .bytes = d->out, .size = sizeof(d->out) };
	int error = socket_started(c->watch.fd);

	if (!error)
		error = loop_change(d->loop, &c->watch, LOOP_READ);
	if (!error)
		error = session_connect(&c->session, d->plan->exchange,
			&c->handshake, &d->host, &out);
	if (error) {
		fail(d, c, reason_of(error));
		return;
	}
	pass_to(c, STAGE_EXCHANGE);
	if (is_counted(d, c->tried_ns))
		histogram_record(&d->tally.times[TALLY_CONNECT],
			c->begun_ns - c->tried_ns);
	deliver(d, c, &out);
}

/* It came about; begun_ns is when the last flight was sent. */
static void count_session(struct driver *d, struct connection *c)
{
	tally_count(&d->tally, TALLY_CONNECTED, 1);
	if (!is_counted(d, c->tried_ns))
		return;
	histogram_record(&d->tally.times[TALLY_EXCHANGE], c->exchange_ns);
	note_end(d, c->begun_ns);
}

/*
 * The last flight was sent. Whether the server agrees shows in handshakes mode
 * only when it answers the END that was sent with it.
 */
static void opened(struct driver *d, struct connection *c)
{
	uint64_t begun_ns = c->begun_ns;

	d->opening--;
	pass_to(c, is_handshakes(d) ? STAGE_LEAVING : STAGE_OPEN);
	c->exchange_ns = c->begun_ns - begun_ns;
	explicit_bzero(&c->handshake, sizeof(c->handshake));
	if (is_handshakes(d))
		return;
	count_session(d, c);
	driver_free(d, c);
}

/*
 * Keeps what was not taken. A reply over xor may be whole already: silence
 * tells, once.
 */
static void keep(struct driver *d, struct connection *c, size_t used, size_t n,
	bool late)
{
	c->kept = n - used;
	memcpy(c->rest, d->in + used, c->kept);
	if (c->kept && !late && session_patience(&c->session))
		ring_add(&d->silent, &c->silent);
	else
		ring_remove(&c->silent);
}

/* Feeds n bytes of d->in to the session. */
static void feed(struct driver *d, struct connection *c, size_t n, bool late)
{
	struct buffer out = { .bytes = d->out, .size = sizeof(d->out) };
	unsigned count = c->count;
	bool was_exchange = c->stage == STAGE_EXCHANGE;
	ssize_t used;
	int error = 0;

	used = session_feed(&c->session, &d->host, d->in, n, late, &out);
	if (used < 0) {
		fail(d, c, used == -EACCES ? TALLY_OTHER_KEY : TALLY_BROKEN);
		return;
	}
	keep(d, c, (size_t)used, n, late);
	if (was_exchange && is_handshakes(d) &&
		c->session.state == SESSION_OPEN)
		error = session_send(&c->session, COMMAND_END, &out);
	if (error) {
		fail(d, c, TALLY_SYSTEM);
		return;
	}
	if (!deliver(d, c, &out))
		return;
	if (was_exchange && session_handshake_over(&c->session))
		opened(d, c);
	else if (c->count < count)
		driver_free(d, c);
}

static void receive(struct driver *d, struct connection *c)
{
	ssize_t n;

	memcpy(d->in, c->rest, c->kept);
	n = socket_receive(c->watch.fd, d->in + c->kept, DRIVER_READ_BYTES);
	if (n == -EAGAIN)
		return;
	if (n < 0) {
		fail(d, c, reason_of((int)n));
		return;
	}
	if (n == 0 && ring_is_in(&c->silent)) {
		/* Nothing can follow; and the end will be told again. */
		connection_late(d, c);
		return;
	}
	if (n == 0) {
		fail(d, c, TALLY_CLOSED);
		return;
	}
	c->received_ns = clock_ns();
	feed(d, c, c->kept + (size_t)n, false);
}

static void leave(struct driver *d, struct connection *c)
{
	if (is_handshakes(d))
		count_session(d, c);
	close_it(d, c);
	driver_closed(d, c, false);
}

/* Nothing that comes after END matters but its end. */
static void wait_for_end(struct driver *d, struct connection *c)
{
	ssize_t n = socket_receive(c->watch.fd, d->in, DRIVER_READ_BYTES);

	if (n > 0 || n == -EAGAIN)
		return;
	if (n < 0 && is_handshakes(d))
		fail(d, c, reason_of((int)n));
	else
		leave(d, c);
}

void connection_ready(struct driver *d, struct connection *c)
{
	switch ((enum stage)c->stage) {
	case STAGE_NONE:
		break;
	case STAGE_CONNECTING:
		connected(d, c);
		break;
	case STAGE_EXCHANGE:
	case STAGE_OPEN:
		receive(d, c);
		break;
	case STAGE_LEAVING:
		wait_for_end(d, c);
		break;
	}
}

void connection_ask(struct driver *d, struct connection *c, unsigned most)
{
	struct buffer out = { .bytes = d->out, .size = sizeof(d->out) };
	uint64_t now = clock_ns(), due;

	for (; most && c->count < (unsigned)d->plan->depth &&
		driver_next(d, now, &due);
		most--) {
		enum command command = driver_command(d);
		struct asked *asked =
			&c->asked[(c->first + c->count) % SESSION_DEPTH_MAX];

		*asked = (struct asked){ due, now };
		c->count++;
		d->under_way++;
		if (session_send(&c->session, command, &out)) {
			fail(d, c, TALLY_SYSTEM);
			return;
		}
	}
	deliver(d, c, &out);
}

void connection_late(struct driver *d, struct connection *c)
{
	memcpy(d->in, c->rest, c->kept);
	feed(d, c, c->kept, true);
}

void connection_check(struct driver *d, struct connection *c, uint64_t now_ns)
{
	uint64_t late_ns = d->plan->timeout_ns;
	uint64_t since_ns =
		c->count ? c->asked[c->first % SESSION_DEPTH_MAX].sent_ns
			 : c->begun_ns;

	if (c->stage == STAGE_NONE || (c->stage == STAGE_OPEN && !c->count))
		return;
	if (c->stage == STAGE_LEAVING && !is_handshakes(d))
		late_ns = (uint64_t)LEAVE_MS * 1000000;
	/* What left during a pause may bear a time from before it. */
	if (since_ns < d->pause.ended_ns)
		since_ns = d->pause.ended_ns;
	if (now_ns < since_ns || now_ns - since_ns < late_ns)
		return;
	if (c->stage == STAGE_LEAVING && !is_handshakes(d)) {
		leave(d, c);
	} else {
		fail(d, c,
			c->stage == STAGE_CONNECTING ? TALLY_CONNECT_LATE
			: c->stage == STAGE_EXCHANGE ? TALLY_EXCHANGE_LATE
						     : TALLY_REPLY_LATE);
	}
}

void connection_leave(struct driver *d, struct connection *c)
{
	struct buffer out = { .bytes = d->out, .size = sizeof(d->out) };

	if (c->stage != STAGE_OPEN ||
		session_send(&c->session, COMMAND_END, &out)) {
		connection_drop(d, c);
		return;
	}
	pass_to(c, STAGE_LEAVING);
	if (socket_send(c->watch.fd, out.bytes, out.len) < 0)
		connection_drop(d, c);
}

void connection_drop(struct driver *d, struct connection *c)
{
	if (c->stage == STAGE_NONE)
		return;
	if (is_handshakes(d) && is_counted(d, c->tried_ns))
		tally_count(&d->tally, TALLY_CUT_SHORT, 1);
	forget_asked(d, c, TALLY_CUT_SHORT);
	close_it(d, c);
}
