// SPDX-License-Identifier: MIT
/*
 * A secure session, and an attacker on the path who has the keys to nothing.
 * Each byte of the input is a step: bit 7 tells whose bytes (1: the server's),
 * bits 0 to 4 how many (0: all there are), and bits 5 and 6 what is done: they
 * are passed on, dropped, passed on twice, or passed on with the last bit
 * flipped. A client that is open asks for the TIME after each step.
 */
#include "fuzz.h"

enum { PASS, DROP, TWICE, FLIP, STEPS = 1000, LOG_BYTES = 1 << 16, FRAME = 50 };

/* All that was said is kept, and all that arrived, to be compared. */
static struct side {
	struct session_host host; /* first: see hear() */
	struct session session;
	struct handshake handshake;
	struct noise_identity identity;
	uint8_t said[LOG_BYTES], got[2 * LOG_BYTES];
	struct buffer out; /* .said */
	size_t passed;     /* of .said, in whatever way */
	size_t got_bytes, taken, genuine;
	size_t flights; /* bytes of .got before the first message */
	size_t heard;
} sides[2];

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	(void)session;
	assert(request == COMMAND_TIME);
	((struct side *)host)->heard++;
	*reply = (struct reply){ .length = 15, .text = "12:34:56.789012" };
}

static void hear(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	(void)session;
	assert(request == COMMAND_TIME && reply->length == 15);
	((struct side *)host)->heard++;
}

static void start(struct side *s, uint8_t secret, size_t flights)
{
	*s = (struct side){
		.host.draw = fuzz_draw,
		.host.answer = answer,
		.host.replied = hear,
		.host.is_allowed = fuzz_allow,
		.host.identity = &s->identity,
		.host.requires_secure = true, /* xor promises nothing */
		.identity.secret = { secret },
		.out = { .bytes = s->said, .size = sizeof(s->said) },
		.flights = flights,
	};
	noise_identity_finish(&s->identity);
}

static void append(struct side *to, const uint8_t *bytes, size_t n)
{
	memcpy(to->got + to->got_bytes, bytes, n);
	to->got_bytes += n;
}

/* Only what was said is taken for it: false when that was the end. */
static bool take(struct side *to, const struct side *from)
{
	ssize_t n = session_feed(&to->session, &to->host, to->got + to->taken,
		to->got_bytes - to->taken, false, &to->out);

	while (to->genuine < min_size(to->got_bytes, from->out.len) &&
		to->got[to->genuine] == from->said[to->genuine])
		to->genuine++;
	assert(n >= 0 || to->genuine < to->got_bytes ||
		from->genuine < from->got_bytes);
	assert(to->session.state != SESSION_OPEN ||
		to->flights + to->heard * FRAME <= to->genuine);
	to->taken += n < 0 ? 0 : (size_t)n;
	return n >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct side *client = &sides[0], *server = &sides[1];
	bool goes_on = true;

	start(client, 3, 96);
	start(server, 2, 40 + 64);
	session_accept(&server->session, &server->handshake);
	if (session_connect(&client->session, EXCHANGE_NOISE,
		    &client->handshake, &client->host, &client->out))
		abort();
	for (size_t i = 0; i < min_size(size, STEPS) && goes_on; i++) {
		struct side *from = &sides[data[i] >> 7];
		struct side *to = &sides[!(data[i] >> 7)];
		int what = data[i] >> 5 & 3;
		size_t left = from->out.len - from->passed;
		size_t n = data[i] & 31 ? min_size(data[i] & 31, left) : left;

		if (what != DROP)
			append(to, from->said + from->passed, n);
		if (what == TWICE)
			append(to, from->said + from->passed, n);
		if (what == FLIP && n)
			to->got[to->got_bytes - 1] ^= 1;
		from->passed += n;
		goes_on = take(to, from);
		if (session_send(&client->session, COMMAND_TIME, &client->out))
			assert(client->session.state != SESSION_OPEN ||
				client->session.asked_count ==
					SESSION_DEPTH_MAX);
	}
	return 0;
}
