// SPDX-License-Identifier: MIT
#include "bench/tally.h"

#include <errno.h>

/* clang-format off */
static const char *const reasons[TALLY_COUNTS] = {
	[TALLY_REFUSED]       = "connection refused",
	[TALLY_NO_PORT]       = "out of local ports (see --source)",
	[TALLY_UNREACHABLE]   = "could not connect",
	[TALLY_CONNECT_LATE]  = "connecting timed out",
	[TALLY_EXCHANGE_LATE] = "key exchange timed out",
	[TALLY_REPLY_LATE]    = "no reply in time",
	[TALLY_CLOSED]        = "closed by the server",
	[TALLY_RESET]         = "reset by the server",
	[TALLY_BROKEN]        = "the server broke the protocol",
	[TALLY_OTHER_KEY]     = "the server presented a different key",
	[TALLY_SYSTEM]        = "out of system resources",
};
/* clang-format on */

void tally_count(struct tally *t, enum tally_count what, uint64_t n)
{
	uint64_t had = tally_counted(t, what);

	atomic_store_explicit(&t->counts[what], had + n, memory_order_relaxed);
}

uint64_t tally_counted(const struct tally *t, enum tally_count what)
{
	return atomic_load_explicit(&t->counts[what], memory_order_relaxed);
}

void tally_add(struct tally *t, const struct tally *from)
{
	for (int i = 0; i < TALLY_TIMES; i++)
		histogram_add(&t->times[i], &from->times[i]);
	for (enum tally_count i = 0; i < TALLY_COUNTS; i++)
		tally_count(t, i, tally_counted(from, i));
}

uint64_t tally_failed(const struct tally *t)
{
	uint64_t sum = 0;

	for (enum tally_count i = TALLY_FAILED; i < TALLY_COUNTS; i++)
		sum += tally_counted(t, i);
	return sum;
}

const char *tally_reason(enum tally_count reason)
{
	return reasons[reason];
}

enum tally_count tally_failure(int error)
{
	switch (error) {
	case -ECONNREFUSED:
		return TALLY_REFUSED;
	case -EADDRNOTAVAIL:
	case -EADDRINUSE:
		return TALLY_NO_PORT;
	case -ETIMEDOUT:
		return TALLY_CONNECT_LATE;
	case -ECONNRESET:
	case -EPIPE:
		return TALLY_RESET;
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
	case -ENOBUFS:
	case -ENOSPC:
		return TALLY_SYSTEM;
	default:
		return TALLY_UNREACHABLE;
	}
}
