// SPDX-License-Identifier: MIT
/*
 * The original's "cipher": a repeating key, applied with xor. It protects
 * nothing (see "What the xor exchange does not do" in docs/protocol.md). Knows
 * no messages and no exchange; used through proto/.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attributes.h"

enum {
	XOR_KEY_BYTES = 128, /* X, shared */
	XOR_MASK_BYTES = 64, /* C and S, each side's own */
};

static inline uint64_t xor_load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline void xor_store(uint8_t *p, uint64_t word)
{
	memcpy(p, &word, sizeof(word));
}

/* xor_apply(), of any length. */
void xor_apply_long(uint8_t *out, const uint8_t *in, size_t n,
	const uint8_t *key, size_t key_bytes);

/*
 * out[i] = in[i] ^ key[i mod key_bytes]. out may be in, but must not overlap
 * it otherwise. key_bytes is at least 1. Most replies are two words long, or
 * nearly: those may overlap.
 */
static inline void xor_apply(uint8_t *out, const uint8_t *in, size_t n,
	const uint8_t *key, size_t key_bytes)
{
	uint64_t first, last;
	size_t at = n - sizeof(last);

	if (n < sizeof(first) || n > 2 * sizeof(first) || n > key_bytes) {
		xor_apply_long(out, in, n, key, key_bytes);
		return;
	}
	first = xor_load(in) ^ xor_load(key);
	last = xor_load(in + at) ^ xor_load(key + at);
	xor_store(out, first);
	xor_store(out + at, last);
}
