// SPDX-License-Identifier: MIT
#include "talk.h"

#include <string.h>

#include "chance.h"
#include "crypto/random.h"
#include "network.h"
#include "server.h"
#include "world.h"

static void replied(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	struct client *c = (struct client *)host;

	(void)session;
	oracle_replied(c->link, request, reply);
}

static bool is_allowed(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	const struct noise_identity *expected = host->asks_older && server.older
							? server.older
							: server.identity;

	(void)session;
	HOLDS(expected && !memcmp(key, expected->public, NOISE_KEY_BYTES),
		"the server shows another key");
	return true;
}

static struct buffer room_in(struct client *c)
{
	memmove(c->out, c->out + c->out_from, c->out_len - c->out_from);
	c->out_len -= c->out_from;
	c->out_from = 0;
	return (struct buffer){ c->out, c->out_len, OUT_BYTES };
}

/* What was added to out is a unit of this kind. */
static void made(
	struct client *c, const struct buffer *out, enum unit_kind kind)
{
	if (out->len == c->out_len)
		return;
	c->made += out->len - c->out_len;
	c->out_len = out->len;
	oracle_made(c->link, kind, c->made);
}

void talk_babble(struct client *c, size_t n)
{
	struct buffer out = room_in(c);

	random_bytes(buffer_extend(&out, n), n);
	made(c, &out, UNIT_FLIGHT);
}

void talk_begin(struct client *c)
{
	enum exchange_id exchange =
		chance_below(2) ? EXCHANGE_NOISE : EXCHANGE_XOR;
	const struct noise_identity *key =
		server_client_key(chance_below(KEYS));
	struct trace *t = &c->link->trace;
	struct buffer out = room_in(c);

	c->host = (struct session_host){
		.draw = random_bytes,
		.replied = replied,
		.is_allowed = is_allowed,
		.identity = key,
		.asks_older = !chance_below(3),
	};
	t->is_honest = c->manner->habit == HONEST;
	t->is_plain = !exchanges[exchange]->needs_identity;
	t->key = t->is_plain ? NULL : key->public;
	HOLDS(!session_connect(
		      &c->session, exchange, &c->handshake, &c->host, &out),
		"a session cannot begin");
	if (c->manner->habit == SENDS_HALF)
		out.len /= 2;
	made(c, &out, UNIT_FLIGHT);
}

/* Does only silence show where a reply ends? Then it is the only one. */
bool talk_may_ask(const struct client *c, enum command request)
{
	unsigned n = c->session.asked_count;

	if (!n)
		return true;
	return n < c->manner->depth &&
	       (exchange_keeps_borders(session_exchange(&c->session)) ||
		       (command_reply_bytes(request) &&
			       command_reply_bytes(c->last)));
}

void talk_ask(struct client *c, enum command request)
{
	struct buffer out = room_in(c);

	HOLDS(!session_send(&c->session, request, &out),
		"a request cannot be sent");
	made(c, &out, UNIT_REQUEST);
	c->last = request;
}

void talk_end(struct client *c)
{
	struct buffer out = room_in(c);

	HOLDS(!session_send(&c->session, COMMAND_END, &out),
		"an END cannot be sent");
	made(c, &out, UNIT_END);
}

bool talk_hear(struct client *c)
{
	const struct trace *t = &c->link->trace;
	struct buffer out = room_in(c);
	bool was_open = talk_is_open(c);
	ssize_t used = session_feed(&c->session, &c->host, c->in, c->in_len,
		c->in_len == oracle_reply_bytes(c->link), &out);

	if (used < 0) {
		HOLDS(!t->is_honest || t->is_plain,
			"the server breaks the protocol");
		HOLDS(!t->is_honest || t->was_slow || t->partly_since_ns,
			"the server breaks the plain protocol");
		return false;
	}
	c->in_len -= (size_t)used;
	memmove(c->in, c->in + used, c->in_len);
	made(c, &out, UNIT_FLIGHT);
	world.sessions += !was_open && talk_is_open(c);
	return true;
}
