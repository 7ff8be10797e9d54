// SPDX-License-Identifier: MIT
/*
 * Accepts connections and deals each to the worker with the fewest, until it is
 * told to stop. It runs in the program's main thread, where signals arrive as
 * well. Knows nothing of what connections send.
 */
#pragma once

#include "server/worker.h"

struct acceptor {
	int listener;
	int signals; /* readable when signals have arrived */
	long max_connections;
	struct log *log;
	struct peer_log peer_log;
	void (*reload)(struct acceptor *a); /* on SIGHUP */
	void (*remind)(struct acceptor *a); /* when remind_ns is reached */
	uint64_t remind_ns;                 /* 0: not needed */
	void (*report)(struct acceptor *a); /* further lines, on SIGUSR1 */
	struct worker **workers;
	size_t worker_count;
	struct counters counters;
};

/*
 * Serves until SIGINT or SIGTERM: 0, or -errno if it cannot. On SIGUSR1 it
 * reports the counters.
 */
MUST_CHECK int acceptor_run(struct acceptor *a);
