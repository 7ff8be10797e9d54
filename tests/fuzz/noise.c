// SPDX-License-Identifier: MIT
/*
 * Two sides of a Noise XX handshake, and an attacker who changes one message.
 * The input: which message (3: none), which byte of it, what that is changed
 * by; then the payload of each message, behind its length. Whoever completes
 * the handshake has seen the same bytes, and what one side sealed the other
 * opens.
 */
#include "crypto/noise.h"
#include "bytes.h"

enum { PAYLOAD_MAX = 63, MESSAGE_MAX = 256, MESSAGES = 3 };

static const uint8_t prologue[] = "fuzz";

static void start(struct noise_handshake *h, struct noise_identity *identity,
	bool is_initiator, uint8_t secret)
{
	uint8_t ephemeral[NOISE_KEY_BYTES] = { secret, 1 };

	*identity = (struct noise_identity){ .secret = { secret } };
	noise_identity_finish(identity);
	noise_start(h, &noise_xx, is_initiator, prologue, sizeof(prologue),
		identity, ephemeral);
}

/* Seals n bytes, changed or not, and opens them. */
static void check_transport(struct noise_cipher *from, struct noise_cipher *to,
	const uint8_t *text, size_t n, uint8_t change)
{
	uint8_t sealed[MESSAGE_MAX], opened[MESSAGE_MAX];

	assert(!noise_encrypt(from, text, n, sealed));
	sealed[(n + NOISE_TAG_BYTES) / 2] ^= change;
	if (noise_decrypt(to, sealed, n + NOISE_TAG_BYTES, opened))
		assert(change);
	else
		assert(!change && !memcmp(opened, text, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	struct noise_handshake sides[2];
	struct noise_identity identities[2];
	struct noise_transport client, server;
	int changed = bytes_take(&b) & 3;
	size_t place = bytes_take(&b);
	uint8_t change = bytes_take(&b);
	bool is_genuine = true;

	start(&sides[0], &identities[0], true, 3);
	start(&sides[1], &identities[1], false, 2);
	for (int i = 0; i < MESSAGES; i++) {
		size_t n = bytes_take(&b) & PAYLOAD_MAX;
		uint8_t *payload = (uint8_t *)bytes_text(&b, n);
		uint8_t message[MESSAGE_MAX], read[MESSAGE_MAX] = { 0 };
		ssize_t length, got;

		n = strlen((char *)payload);
		length = noise_write(&sides[i % 2], i, payload, n, message);
		assert(length == (ssize_t)(n + noise_overhead(&noise_xx, i)));
		if (i == changed && change) {
			message[place % (size_t)length] ^= change;
			is_genuine = false;
		}
		got = noise_read(
			&sides[!(i % 2)], i, message, (size_t)length, read);
		assert(got >= 0 || !is_genuine);
		assert(got < 0 || got == (ssize_t)n);
		assert(!is_genuine || !memcmp(read, payload, n));
		free(payload);
		if (got < 0)
			return 0;
	}
	/* The last message was changed: its reader must have noticed. */
	assert(is_genuine && !memcmp(sides[0].h, sides[1].h, NOISE_HASH_BYTES));
	assert(!memcmp(sides[0].rs, identities[1].public, NOISE_KEY_BYTES));
	assert(!memcmp(sides[1].rs, identities[0].public, NOISE_KEY_BYTES));
	noise_split(&sides[0], &client);
	noise_split(&sides[1], &server);
	check_transport(&client.send, &server.receive, prologue, 5, 0);
	check_transport(&server.send, &client.receive, prologue, 5, change);
	return 0;
}
