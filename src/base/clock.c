// SPDX-License-Identifier: MIT
#include "base/clock.h"

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

struct timespec clock_left(uint64_t moment_ns)
{
	uint64_t now = clock_ns();
	uint64_t left = moment_ns > now ? moment_ns - now : 0;

	return (struct timespec){
		.tv_sec = (time_t)(left / 1000000000u),
		.tv_nsec = (long)(left % 1000000000u),
	};
}
