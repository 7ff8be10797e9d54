// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <time.h>

#ifdef CLOCK_MONOTONIC_COARSE
#define CLOCK_TICK CLOCK_MONOTONIC_COARSE
#else
#define CLOCK_TICK CLOCK_MONOTONIC
#endif

uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_TICK, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}
