// SPDX-License-Identifier: MIT
/* Included before each source. */
#pragma once

#include <stdatomic.h>

/* Frama-C 25 does not know it within a struct. The compiler checks these. */
#define _Static_assert(...)

/* It has no body there, and is exact in this form. */
//@ requires not_zero: x != 0;
static inline int frama_clzll(unsigned long long x)
{
	int zeros = 64;

	//@ loop unroll 64;
	for (; x; x >>= 1)
		zeros--;
	return zeros;
}
#define __builtin_clzll(x) frama_clzll(x)

/* Declared there without saying what it does. This is what one thread sees. */
#undef atomic_load_explicit
#undef atomic_store_explicit
#define atomic_load_explicit(number, order) (*(number))
#define atomic_store_explicit(number, value, order) (*(number) = (value))
