// SPDX-License-Identifier: MIT
/*
 * What the harnesses share: the entry that libFuzzer calls (and replay.c, when
 * there is no fuzzer), and how a session is fed from an input. An input is a
 * row of chunks, each behind a byte: bits 0 to 4 say how many bytes follow (0:
 * 128), bits 5 and 6 are the harness's, bit 7 says that patience is over.
 */
#pragma once

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/session.h"

enum { FUZZ_OUT_BYTES = 16384 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keys without surprise: the same in every run, and never zero. */
static inline void fuzz_draw(uint8_t *bytes, size_t n)
{
	memset(bytes, 1, n);
}

static inline bool fuzz_allow(struct session_host *host,
	struct session *session, const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	(void)host, (void)key;
	return true;
}

/* What a server looks at before it runs a flight. */
static inline void fuzz_look(struct session *s, struct session_host *host,
	const uint8_t *in, size_t n)
{
	struct flight flight = { 0 };

	if (s->role == ROLE_SERVER &&
		(s->state == SESSION_CHOICE || s->state == SESSION_EXCHANGE))
		flight = session_flight(s, host, in, n);
	assert(flight.length <= n);
	assert(s->state == SESSION_OPEN || !session_patience(s));
	assert(s->state < SESSION_OPEN || s->state == SESSION_FAILED ||
		!session_peer(s) == !session_exchange(s)->peer);
}

/*
 * Feeds all of data, before(s, bits 5 and 6) being called ahead of each chunk.
 * What the session sees ends where its memory ends, so that a look beyond it
 * is found out.
 */
static inline void fuzz_feed(struct session *s, struct session_host *host,
	const uint8_t *data, size_t size,
	void (*before)(struct session *s, unsigned bits))
{
	static uint8_t sent[FUZZ_OUT_BYTES];
	uint8_t *in = NULL, *grown;
	size_t n = 0;

	while (size--) {
		struct buffer out = { .bytes = sent, .size = sizeof(sent) };
		uint8_t head = *data++;
		size_t more = min_size(head & 31 ? head & 31 : 128, size);
		ssize_t used;

		before(s, head >> 5 & 3);
		grown = realloc(in, n + more + 1);
		assert(grown);
		in = grown;
		memmove(in + 1, in, n); /* a first byte, so that n may be 0 */
		memcpy(in + 1 + n, data, more);
		n += more;
		fuzz_look(s, host, in + 1, n);
		used = session_feed(s, host, in + 1, n, head & 0x80, &out);
		if (used < 0) {
			assert(s->state == SESSION_FAILED);
			break;
		}
		assert((size_t)used <= n);
		n -= (size_t)used;
		assert(n < SESSION_KEPT_MAX);
		memmove(in, in + 1 + used, n);
		data += more;
		size -= more;
	}
	free(in);
	session_wipe(s);
}
