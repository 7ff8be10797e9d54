// SPDX-License-Identifier: MIT
/*
 * Function attributes, and two macros that every floor needs. Knows nothing of
 * what it is applied to. Used everywhere.
 */
#pragma once

#include <stddef.h>

/* The caller must check the result: it may be an error. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Not on the path of a request: a call must not cost its caller registers. */
#define COLD __attribute__((cold, noinline))

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}
