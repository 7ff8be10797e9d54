// SPDX-License-Identifier: MIT
/*
 * What a thread has counted. Each thread writes its own counters and any thread
 * may read them, so neither a lock nor a locked instruction is needed. Knows
 * only the names of the counters.
 */
#pragma once

#include <stdatomic.h>

#include "base/log.h"
#include "proto/command.h"

/* The requests are counted first, in the order of enum command. */
enum counter {
	COUNT_UNKNOWN = COMMAND_UNKNOWN, /* the last of them */
	COUNT_FULL,      /* over --max-connections, or no memory */
	COUNT_HANDSHAKE, /* no key within --handshake-timeout */
	COUNT_IDLE,      /* no request within --idle-timeout */
	COUNT_STALLED,   /* did not take its replies */
	COUNT_BROKEN,    /* broke the protocol, or left within a unit */
	COUNT_LEFT,      /* hung up during the key exchange */
	COUNT_UNSERVED,  /* began an exchange that is not offered */
	COUNT_UNLISTED,  /* its key is not authorized */
	COUNT_CROWDED,   /* above --max-per-source */
	COUNT_YIELDED,   /* gave way to a newcomer */
	COUNT_OPENED,    /* sessions: connections dealt to a worker */
	COUNT_CLOSED,
	COUNTERS,
};

struct counters {
	atomic_ulong values[COUNTERS];
};

/* For the owning thread only. */
static inline void counter_add(struct counters *c, enum counter which)
{
	unsigned long value =
		atomic_load_explicit(&c->values[which], memory_order_relaxed);

	atomic_store_explicit(
		&c->values[which], value + 1, memory_order_relaxed);
}

/* For any thread. */
static inline unsigned long counter_read(struct counters *c, enum counter which)
{
	return atomic_load_explicit(&c->values[which], memory_order_relaxed);
}

/* Its name in reports: for a request, its word. */
const char *counter_name(enum counter which);

/* Logs three lines about the sum of n threads' counters. */
void counters_report(
	struct log *log, struct counters *const counters[], size_t n);
