// SPDX-License-Identifier: MIT
/*
 * Whatever a server may send, however cut. The first byte chooses the
 * exchange, bits 5 and 6 what is asked ahead of a chunk: TIME, DATE, TEMP or
 * nothing, which ends the session if much was asked.
 */
#include "fuzz.h"

static void replied(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	(void)session;
	(void)host;
	assert(request <= COMMAND_TEMP);
	assert(reply->length > 0 && reply->length <= REPLY_MAX);
}

static void ask(struct session *s, unsigned bits)
{
	uint8_t sent[64];
	struct buffer out = { .bytes = sent, .size = sizeof(sent) };

	if (bits == 3 && s->state == SESSION_OPEN && s->asked_count > 20)
		session_end(s);
	else if (bits < 3 && session_send(s, (enum command)bits, &out))
		assert(s->state != SESSION_OPEN ||
			s->asked_count == SESSION_DEPTH_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct noise_identity identity = { .secret = { 3 } };
	struct session_host host = {
		.draw = fuzz_draw,
		.replied = replied,
		.is_allowed = fuzz_allow,
		.identity = &identity,
	};
	struct handshake handshake = { 0 };
	uint8_t sent[FUZZ_OUT_BYTES];
	struct buffer out = { .bytes = sent, .size = sizeof(sent) };
	struct session session;

	if (!size)
		return 0;
	noise_identity_finish(&identity);
	if (session_connect(&session, *data & 1 ? EXCHANGE_NOISE : EXCHANGE_XOR,
		    &handshake, &host, &out))
		abort();
	fuzz_feed(&session, &host, data + 1, size - 1, ask);
	return 0;
}
