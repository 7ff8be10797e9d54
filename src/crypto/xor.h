// SPDX-License-Identifier: MIT
/*
 * The original's "cipher": a repeating key, added byte by byte. It protects
 * nothing (see "What the xor exchange does not do" in docs/protocol.md).
 * Knows no messages and no exchange; used by both through proto/.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	XOR_KEY_BYTES = 128, /* X, shared */
	XOR_MASK_BYTES = 64, /* C and S, each side's own */
};

/*
 * out[i] = in[i] ^ key[i mod key_bytes]. out may be in, but must not overlap
 * it otherwise. key_bytes is at least 1.
 */
void xor_apply(uint8_t *out, const uint8_t *in, size_t n, const uint8_t *key,
	size_t key_bytes);
