// SPDX-License-Identifier: MIT
/*
 * Keys in the form that people use: 32 bytes as 44 characters of base64; and
 * the memory for a private key, which lives as long as the process. Knows no
 * files.
 */
#pragma once

#include "crypto/noise.h"

enum { KEY_TEXT_BYTES = 45 }; /* with the NUL */

/* Returns text. */
const char *key_format(const uint8_t key[static NOISE_KEY_BYTES],
	char text[static KEY_TEXT_BYTES]);

/* Parses exactly n characters: 0 or -EINVAL. In constant time. */
MUST_CHECK int key_parse(
	const char *text, size_t n, uint8_t key[static NOISE_KEY_BYTES]);

bool key_equal(const uint8_t a[static NOISE_KEY_BYTES],
	const uint8_t b[static NOISE_KEY_BYTES]);

/*
 * An identity on pages of its own: locked into memory, between guard pages,
 * excluded from core dumps. NULL if memory runs out. Wiped when freed, unless
 * the system refuses to unseal it; then it stays sealed until the process ends.
 */
MUST_CHECK struct noise_identity *key_identity_new(void);
void key_identity_free(struct noise_identity *identity);

/* Makes it read-only. */
void key_identity_seal(struct noise_identity *identity);
