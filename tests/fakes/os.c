// SPDX-License-Identifier: MIT
#include "base/os.h"

#include "fakes/fakes.h"

void os_rest_ms(unsigned ms)
{
	fake.now_ns += ms * 1000000ull;
}

uint64_t os_thread_wanted_ns(void)
{
	return fake.own_ns;
}

bool os_has_randomness(void)
{
	return true;
}
