// SPDX-License-Identifier: MIT
#include "crypto/key.h"

#include <errno.h>
#include <sodium.h>

_Static_assert(KEY_TEXT_BYTES == sodium_base64_ENCODED_LEN(NOISE_KEY_BYTES,
					 sodium_base64_VARIANT_ORIGINAL),
	"base64, padded");

const char *key_format(const uint8_t key[static NOISE_KEY_BYTES],
	char text[static KEY_TEXT_BYTES])
{
	return sodium_bin2base64(text, KEY_TEXT_BYTES, key, NOISE_KEY_BYTES,
		sodium_base64_VARIANT_ORIGINAL);
}

int key_parse(const char *text, size_t n, uint8_t key[static NOISE_KEY_BYTES])
{
	uint8_t bytes[NOISE_KEY_BYTES];
	char again[KEY_TEXT_BYTES];
	size_t length = 0;
	int error = 0;

	/*
	 * A key has only one text form: libsodium 1.0.18 reads a "/" in every
	 * byte from 128 on.
	 */
	if (n != KEY_TEXT_BYTES - 1 ||
		sodium_base642bin(bytes, sizeof(bytes), text, n, NULL, &length,
			NULL, sodium_base64_VARIANT_ORIGINAL) ||
		length != sizeof(bytes) ||
		sodium_memcmp(key_format(bytes, again), text, n))
		error = -EINVAL;
	for (size_t i = 0; !error && i < sizeof(bytes); i++)
		key[i] = bytes[i];
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(again, sizeof(again));
	return error;
}

bool key_equal(const uint8_t a[static NOISE_KEY_BYTES],
	const uint8_t b[static NOISE_KEY_BYTES])
{
	return sodium_memcmp(a, b, NOISE_KEY_BYTES) == 0;
}

struct noise_identity *key_identity_new(void)
{
	return sodium_malloc(sizeof(struct noise_identity));
}

void key_identity_free(struct noise_identity *identity)
{
	/* While it is sealed, libsodium's wiping would end the process. */
	if (!identity || !sodium_mprotect_readwrite(identity))
		sodium_free(identity);
}

void key_identity_seal(struct noise_identity *identity)
{
	sodium_mprotect_readonly(identity);
}
