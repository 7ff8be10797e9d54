// SPDX-License-Identifier: MIT
/* Whatever a client may send, however cut. Bits 5 and 6 mean nothing. */
#include "fuzz.h"

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	(void)session;
	(void)host;
	assert(request < COMMAND_COUNT);
	*reply = (struct reply){ .length = request == COMMAND_END ? 0 : 15 };
	memset(reply->text, '7', reply->length);
}

static void nothing(struct session *s, unsigned bits)
{
	(void)s, (void)bits;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct noise_identity identity = { .secret = { 2 } };
	struct session_host host = {
		.draw = fuzz_draw,
		.answer = answer,
		.is_allowed = fuzz_allow,
		.identity = &identity,
	};
	struct handshake handshake = { 0 };
	struct session session;

	noise_identity_finish(&identity);
	session_accept(&session, &handshake);
	fuzz_feed(&session, &host, data, size, nothing);
	return 0;
}
