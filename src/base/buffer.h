// SPDX-License-Identifier: MIT
/*
 * A run of bytes with a fixed capacity, owned by whoever made it. Not fitting
 * is an ordinary answer, never a reason to grow. Knows nothing of what the
 * bytes mean. Sessions write what they want sent into one of these.
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
 * Adds n bytes to the length and returns where they start, to be filled in by
 * the caller; NULL when they do not fit, and then nothing has changed.
 */
static inline uint8_t *buffer_extend(struct buffer *b, size_t n)
{
	if (n > b->size - b->len)
		return NULL;
	b->len += n;
	return b->bytes + b->len - n;
}
