// SPDX-License-Identifier: MIT
#include "server/counters.h"

#include <stdio.h>

/* clang-format off */
static const char *const names[COUNTERS] = {
	[COUNT_UNKNOWN]   = "unknown",
	[COUNT_FULL]      = "too many connections",
	[COUNT_HANDSHAKE] = "handshake timeout",
	[COUNT_IDLE]      = "idle timeout",
	[COUNT_STALLED]   = "stalled",
	[COUNT_BROKEN]    = "protocol error",
	[COUNT_LEFT]      = "hung up during the key exchange",
	[COUNT_UNSERVED]  = "exchange not offered",
	[COUNT_UNLISTED]  = "key not authorized",
	[COUNT_CROWDED]   = "too many from one source",
	[COUNT_YIELDED]   = "gave way to others",
};
/* clang-format on */

const char *counter_name(enum counter which)
{
	if (which < COUNT_UNKNOWN)
		return command_word((enum command)which);
	/* cppcheck-suppress arrayIndexOutOfBoundsCond; there are no others */
	return names[which];
}

/* "Title: 5 this, 0 that" of the counters from first to last. */
static void report_range(struct log *log, const char *title,
	const unsigned long *sums, enum counter first, enum counter last)
{
	char line[MARK_LINE_BYTES];
	int n = snprintf(line, sizeof(line), "%s:", title);

	for (enum counter i = first; i <= last; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%s %lu %s",
			i == first ? "" : ",", sums[i], counter_name(i));
	log_line(log, MARK_STATE, "%s", line);
}

void counters_report(
	struct log *log, struct counters *const counters[], size_t n)
{
	unsigned long sums[COUNTERS] = { 0 };

	for (size_t i = 0; i < n; i++)
		for (enum counter which = 0; which < COUNTERS; which++)
			sums[which] += counter_read(counters[i], which);
	log_line(log, MARK_STATE, "Sessions: %lu now, %lu in all",
		sums[COUNT_OPENED] - sums[COUNT_CLOSED], sums[COUNT_OPENED]);
	report_range(log, "Requests", sums, (enum counter)0, COUNT_UNKNOWN);
	report_range(log, "Refused", sums, COUNT_FULL, COUNT_YIELDED);
}
