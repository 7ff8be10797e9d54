// SPDX-License-Identifier: MIT
/*
 * Bytes in a buffer of fixed capacity, which belongs to the caller. Data that
 * does not fit is an ordinary error, never a reason to grow. Knows nothing of
 * what the bytes mean. Sessions write what is to be sent into one of these.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *bytes;
	size_t len;
	size_t size;
};

/*
 * Adds n bytes to the length and returns where they start; the caller fills
 * them in. NULL, with nothing changed, if they do not fit.
 */
static inline uint8_t *buffer_extend(struct buffer *b, size_t n)
{
	if (n > b->size - b->len)
		return NULL;
	b->len += n;
	return b->bytes + b->len - n;
}
