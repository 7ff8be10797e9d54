// SPDX-License-Identifier: MIT
#include "crypto/xor.h"

#include <string.h>

static uint64_t load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static void store(uint8_t *p, uint64_t word)
{
	memcpy(p, &word, sizeof(word));
}

/*
 * One stretch of key, in whole words. What is left over is covered by a last
 * word that overlaps the one before it, and is computed first, since out may
 * be in. The shortest messages go byte by byte.
 */
static void xor_stretch(
	uint8_t *out, const uint8_t *in, const uint8_t *key, size_t n)
{
	uint64_t first_word, last_word;
	size_t last;

	if (n < sizeof(first_word)) {
		for (size_t i = 0; i < n; i++)
			out[i] = in[i] ^ key[i];
		return;
	}
	last = n - sizeof(last_word);
	first_word = load(in) ^ load(key);
	last_word = load(in + last) ^ load(key + last);
	for (size_t i = 8; i < last; i += 8)
		store(out + i, load(in + i) ^ load(key + i));
	store(out, first_word);
	store(out + last, last_word);
}

void xor_apply(uint8_t *out, const uint8_t *in, size_t n, const uint8_t *key,
	size_t key_bytes)
{
	while (n > key_bytes) {
		xor_stretch(out, in, key, key_bytes);
		out += key_bytes;
		in += key_bytes;
		n -= key_bytes;
	}
	xor_stretch(out, in, key, n);
}
