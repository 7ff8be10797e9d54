// SPDX-License-Identifier: MIT
/*
 * A client of the server's at the other end of a fake socket, or of two, which
 * then get the same. It reads what it is sent when the test says so, and knows
 * nothing of the server. Used by the tests of connections and workers.
 */
#pragma once

#include "helper.h"

#include "fakes/fakes.h"
#include "proto/session.h"

enum { VISITOR_IN_BYTES = SESSION_KEPT_MAX + FAKE_OUT_BYTES };

struct visitor {
	struct session_host host; /* first: see visitor_replied() */
	struct session session;
	struct handshake handshake;
	struct noise_identity identity;
	int fd, twin; /* 0: none */
	size_t read;  /* of what it was sent */
	unsigned replies, errors;
	size_t kept;
	uint8_t in[VISITOR_IN_BYTES];
	uint8_t bytes[4096];    /* to be sent */
	size_t held_from, held; /* of them: what it keeps back */
};

static inline void visitor_replied(struct session_host *host,
	struct session *session, enum command request,
	const struct reply *reply)
{
	struct visitor *v = (struct visitor *)host;

	(void)session;
	v->replies++;
	v->errors += request != COMMAND_UNKNOWN && reply->length == 4 &&
		     !memcmp(reply->text, reply_error, 4);
}

static inline bool visitor_allows(struct session_host *host,
	struct session *session, const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)host;
	(void)session;
	return key;
}

/* These bytes, whatever they are. */
static inline void visitor_send(
	struct visitor *v, const uint8_t *bytes, size_t n)
{
	fake_send(v->fd, bytes, n);
	if (v->twin)
		fake_send(v->twin, bytes, n);
}

static inline struct buffer visitor_buffer(struct visitor *v)
{
	return (struct buffer){ v->bytes, 0, sizeof(v->bytes) };
}

/* Sends all of that but the last bytes, which it holds back. */
static inline void visitor_send_partly(
	struct visitor *v, const struct buffer *out, size_t held)
{
	v->held = held;
	v->held_from = out->len - held;
	visitor_send(v, out->bytes, out->len - held);
}

/* Sends n of the bytes that it has held back. */
static inline void visitor_let_go(struct visitor *v, size_t n)
{
	assert_true(n <= v->held);
	visitor_send(v, v->bytes + v->held_from, n);
	v->held_from += n;
	v->held -= n;
}

/* Its first flight, but for the last bytes, which it holds back. */
static inline void visitor_begin(
	struct visitor *v, enum exchange_id exchange, size_t held)
{
	struct buffer out = visitor_buffer(v);

	v->host = (struct session_host){
		.draw = dice_bytes,
		.replied = visitor_replied,
		.is_allowed = visitor_allows,
		.identity = &v->identity,
	};
	dice_bytes(v->identity.secret, sizeof(v->identity.secret));
	noise_identity_finish(&v->identity);
	v->fd = fake_open();
	assert_int_equal(session_connect(&v->session, exchange, &v->handshake,
				 &v->host, &out),
		0);
	visitor_send_partly(v, &out, held);
}

/* Reads what it was sent, and sends what that calls for. */
static inline void visitor_read(struct visitor *v)
{
	struct buffer out = visitor_buffer(v);
	struct fake_socket *s = fake_of(v->fd);
	size_t n = s->out_len - v->read;
	ssize_t used;

	memcpy(v->in + v->kept, s->out + v->read, n);
	v->read += n;
	used = session_feed(&v->session, &v->host, v->in, v->kept + n,
		v->session.state == SESSION_OPEN, &out);
	assert_true(used >= 0);
	v->kept += n - (size_t)used;
	memmove(v->in, v->in + used, v->kept);
	if (out.len)
		visitor_send(v, v->bytes, out.len);
}

/* Asks, but for the last bytes, which it holds back. */
static inline void visitor_ask_partly(
	struct visitor *v, enum command request, size_t held)
{
	struct buffer out = visitor_buffer(v);

	assert_int_equal(session_send(&v->session, request, &out), 0);
	visitor_send_partly(v, &out, held);
}

static inline void visitor_ask(struct visitor *v, enum command request)
{
	visitor_ask_partly(v, request, 0);
}

/* It sends no more. */
static inline void visitor_end(struct visitor *v)
{
	fake_of(v->fd)->has_end = true;
	if (v->twin)
		fake_of(v->twin)->has_end = true;
}
