// SPDX-License-Identifier: MIT
/*
 * Accepts connections and deals them to the workers in turn, until it is told
 * to stop. It runs in the program's main thread, where the signals arrive too.
 * Knows nothing of what connections say.
 */
#pragma once

#include "server/worker.h"

struct acceptor {
	int listener;
	int signals; /* readable when there are signals to be taken */
	long max_connections;
	struct log *log;
	struct refusals refusals;
	void (*reload)(struct acceptor *a); /* on SIGHUP */
	void (*remind)(struct acceptor *a); /* when remind_ns has come */
	uint64_t remind_ns;                 /* 0: there is no need */
	void (*report)(struct acceptor *a); /* more, on SIGUSR1 */
	struct worker **workers;
	size_t worker_count;
	struct counters counters;
};

/*
 * Serves until SIGINT or SIGTERM: 0, or -errno when it cannot. SIGUSR1 makes
 * it report the counters.
 */
MUST_CHECK int acceptor_run(struct acceptor *a);
