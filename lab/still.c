// SPDX-License-Identifier: MIT
/*
 * still: a clock that stands still, to be preloaded where instructions are
 * counted. The cost of reading the time is the system's, and no deadline is
 * reached because counting takes long: so every count is the same.
 */
#include <time.h>

__attribute__((visibility("default"))) int clock_gettime(
	clockid_t which, struct timespec *now)
{
	(void)which;
	*now = (struct timespec){ .tv_sec = 1000000000, .tv_nsec = 123456789 };
	return 0;
}
