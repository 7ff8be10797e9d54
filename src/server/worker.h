// SPDX-License-Identifier: MIT
/*
 * A worker: one thread, its loop, its connections and all the memory they need.
 * It shares the settings, the log and its counters with the other threads, and
 * receives everything else by mail (server/mail.h). Used by the program's main
 * thread.
 */
#pragma once

#include <pthread.h>

#include "server/context.h"
#include "server/mail.h"
#include "server/pace.h"

struct worker {
	struct context context;
	size_t full_wakes; /* in succession, without a flight */
	struct pace pace;
	struct watch mail;
	struct mailbox mailbox; /* closed: the order to stop */
	bool has_mail;
	bool stopping;
	bool is_over; /* stop_by_ms has passed */
	uint64_t stop_by_ms;
	pthread_t thread;
	_Atomic bool is_running; /* its thread has all that it opens itself */
	unsigned long dealt; /* connections, by the acceptor, whose this is */
};

/*
 * Starts its thread. sources, identity and older (NULL: none) must outlive it;
 * authorized (NULL: all clients) is shared. NULL, with errno set, if the system
 * refuses.
 */
MUST_CHECK struct worker *worker_new(const struct settings *settings,
	struct peer_log *peer_log, struct sources *sources,
	const struct noise_identity *identity,
	const struct noise_identity *older, struct authorized *authorized);

/*
 * Tells it to finish: replies that are due are sent, and connections closed.
 * This takes at most WORKER_STOP_MS, whatever the peers do.
 */
void worker_stop(struct worker *w);

enum { WORKER_STOP_MS = 1300 };

/* Waits for its end, wipes its keys and frees it. w may be NULL. */
void worker_free(struct worker *w);

/* The number of descriptors that it needs for itself. */
enum { WORKER_DESCRIPTORS = 4 };
