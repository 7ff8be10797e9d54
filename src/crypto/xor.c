// SPDX-License-Identifier: MIT
#include "crypto/xor.h"

/*
 * One period of the key, in whole words. The remainder is covered by a last
 * word that overlaps the one before it, and is computed first, since out may be
 * in. The shortest messages are processed byte by byte.
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
	first_word = xor_load(in) ^ xor_load(key);
	last_word = xor_load(in + last) ^ xor_load(key + last);
	for (size_t i = 8; i < last; i += 8)
		xor_store(out + i, xor_load(in + i) ^ xor_load(key + i));
	xor_store(out, first_word);
	xor_store(out + last, last_word);
}

void xor_apply_long(uint8_t *out, const uint8_t *in, size_t n,
	const uint8_t *key, size_t key_bytes)
{
	while (n > key_bytes) {
		xor_stretch(out, in, key, key_bytes);
		out += key_bytes;
		in += key_bytes;
		n -= key_bytes;
	}
	xor_stretch(out, in, key, n);
}
