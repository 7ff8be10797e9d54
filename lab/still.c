// SPDX-License-Identifier: MIT
/*
 * still: a clock that stands, to be preloaded where instructions are counted.
 * What reading the time costs is the system's, and no deadline moves because
 * the counting takes long: what is left is the same every time.
 */
#include <time.h>

__attribute__((visibility("default"))) int clock_gettime(
	clockid_t which, struct timespec *now)
{
	(void)which;
	*now = (struct timespec){ .tv_sec = 1000000000, .tv_nsec = 123456789 };
	return 0;
}
