// SPDX-License-Identifier: MIT
/*
 * What the harnesses share that read an input piece by piece. At the end of the
 * input everything is zero.
 */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t bytes_take(struct bytes *b)
{
	if (!b->left)
		return 0;
	b->left--;
	return *b->at++;
}

/* Up to n bytes, with a NUL behind them, in memory that ends there. */
static inline char *bytes_text(struct bytes *b, size_t n)
{
	char *text;

	n = n < b->left ? n : b->left;
	text = malloc(n + 1);
	assert(text);
	memcpy(text, b->at, n);
	text[n] = '\0';
	b->at += n;
	b->left -= n;
	return text;
}
