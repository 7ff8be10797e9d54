// SPDX-License-Identifier: MIT
/*
 * Two sides of a secure session, and the wire between them in the hands of the
 * test: what one says lies in .sent until the test passes it on, or does not.
 * Knows no sockets. Used by the tests of sessions over noise.
 */
#pragma once

#include "helper.h"

#include <errno.h>

#include "crypto/key.h"
#include "proto/session.h"

enum {
	PAIR_OUT_BYTES = 16384,
	PAIR_IN_BYTES = SESSION_KEPT_MAX + 4096,
	FLIGHT_1 = 40,
	FLIGHT_2 = 96,
	FLIGHT_3 = 64,
	FRAME = 50, /* of a short message */
};

static const size_t pair_flight_bytes[FLIGHTS_MAX] = { FLIGHT_1, FLIGHT_2,
	FLIGHT_3 };

struct side {
	struct session_host host; /* first: see side_hear() */
	struct noise_identity identity;
	struct session session;
	struct handshake handshake;
	struct buffer out;
	uint8_t sent[PAIR_OUT_BYTES];
	uint8_t in[PAIR_IN_BYTES];
	size_t kept;
	char heard[256]; /* a letter a message */
	size_t heard_count;
	bool refuses;    /* is_allowed says no */
	unsigned judged; /* how often it was asked */
	uint8_t shown[NOISE_KEY_BYTES];
};

static const char *const pair_replies[COMMAND_COUNT] = { "12:34:56.789012",
	"2024-11-25", "-7", "", "\xde\xad\xbe\xef" };

static inline void side_hear(struct session_host *host, enum command request)
{
	struct side *s = (struct side *)host;

	assert_true(s->heard_count + 1 < sizeof(s->heard));
	s->heard[s->heard_count++] = "tdce?"[request];
	s->heard[s->heard_count] = '\0';
}

static inline void side_answer(struct session_host *host,
	struct session *session, enum command request, struct reply *reply)
{
	(void)session;
	side_hear(host, request);
	reply->length = (uint8_t)strlen(pair_replies[request]);
	memcpy(reply->text, pair_replies[request], reply->length);
}

static inline void side_replied(struct session_host *host,
	struct session *session, enum command request,
	const struct reply *reply)
{
	(void)session;
	side_hear(host, request);
	assert_true(command_is_reply(request, reply->text, reply->length));
}

static inline bool side_judge(struct session_host *host,
	struct session *session, const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	struct side *s = (struct side *)host;

	s->judged++;
	memcpy(s->shown, key, sizeof(s->shown));
	return !s->refuses;
}

/* A side with a key pair of its own, and no session yet. */
static inline void side_init(struct side *s)
{
	*s = (struct side){
		.host.draw = dice_bytes,
		.host.answer = side_answer,
		.host.replied = side_replied,
		.host.is_allowed = side_judge,
		.out.size = PAIR_OUT_BYTES,
	};
	dice_bytes(s->identity.secret, sizeof(s->identity.secret));
	noise_identity_finish(&s->identity);
	s->host.identity = &s->identity;
	s->out.bytes = s->sent;
}

static inline void side_connect(struct side *s)
{
	assert_int_equal(session_connect(&s->session, EXCHANGE_NOISE,
				 &s->handshake, &s->host, &s->out),
		0);
}

/* Both, the first flight said and nothing passed on. */
static inline void pair_start(struct side *client, struct side *server)
{
	side_init(client);
	side_init(server);
	session_accept(&server->session, &server->handshake);
	side_connect(client);
	assert_int_equal(client->out.len, FLIGHT_1);
}

/* Feeds what was kept and n more bytes: 0 or a negative error. */
static inline int side_feed(struct side *s, const void *bytes, size_t n)
{
	ssize_t used;

	assert_true(n <= sizeof(s->in) - s->kept);
	memcpy(s->in + s->kept, bytes, n);
	s->kept += n;
	used = session_feed(
		&s->session, &s->host, s->in, s->kept, false, &s->out);
	if (used < 0)
		return (int)used;
	s->kept -= (size_t)used;
	memmove(s->in, s->in + used, s->kept);
	assert_true(s->kept < SESSION_KEPT_MAX);
	return 0;
}

/* All that one side has said reaches the other: 0 or a negative error. */
static inline int pair_pass(struct side *from, struct side *to)
{
	size_t n = from->out.len;

	from->out.len = 0;
	return side_feed(to, from->sent, n);
}

/* So many flights are passed on. */
static inline void pair_flights(
	struct side *client, struct side *server, int flights)
{
	pair_start(client, server);
	for (int i = 0; i < flights; i++)
		assert_int_equal(i % 2 ? pair_pass(server, client)
				       : pair_pass(client, server),
			0);
}

static inline void pair_open(struct side *client, struct side *server)
{
	pair_flights(client, server, FLIGHTS_MAX);
	assert_int_equal(client->session.state, SESSION_OPEN);
	assert_int_equal(server->session.state, SESSION_OPEN);
	assert_int_equal(client->out.len + server->out.len, 0);
}

/* A client's request, left in .sent. */
static inline void side_ask(struct side *s, enum command request)
{
	assert_int_equal(session_send(&s->session, request, &s->out), 0);
}

/* It ended with this error, and has said nothing more. */
static inline void side_ended(const struct side *s, int error, int expected)
{
	assert_int_equal(error, expected);
	assert_int_equal(s->session.state, SESSION_FAILED);
	assert_int_equal(s->out.len, 0);
}
