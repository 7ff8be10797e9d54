// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include "fakes/fakes.h"

uint64_t clock_ns(void)
{
	return fake.now_ns;
}

uint64_t clock_ms(void)
{
	return fake.now_ns / 1000000;
}

struct timespec clock_left(uint64_t moment_ns)
{
	uint64_t left = moment_ns > fake.now_ns ? moment_ns - fake.now_ns : 0;

	return (struct timespec){
		.tv_sec = (time_t)(left / 1000000000),
		.tv_nsec = (long)(left % 1000000000),
	};
}

void fake_pass_ms(uint64_t ms)
{
	fake.now_ns += ms * 1000000;
}
