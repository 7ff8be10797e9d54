// SPDX-License-Identifier: MIT
/*
 * A worker: one thread, its loop, its connections and all the memory they can
 * need. It shares the settings, the log and its counters with the rest, and
 * is told everything else by mail (server/mail.h). Used by the program's main
 * thread.
 */
#pragma once

#include <pthread.h>

#include "server/context.h"
#include "server/mail.h"
#include "server/pace.h"

struct worker {
	struct context context;
	size_t full_wakes; /* one after the other, without a flight */
	struct pace pace;
	struct watch mail;
	struct mailbox mailbox; /* closed: the order to stop */
	bool has_mail;
	bool stopping;
	bool is_over; /* stop_by_ms has come */
	uint64_t stop_by_ms;
	pthread_t thread;
};

/*
 * Starts its thread. identity and older (NULL: none) must outlive it;
 * authorized (NULL: everybody) is shared. NULL, with errno set, when the system
 * refuses.
 */
MUST_CHECK struct worker *worker_new(const struct settings *settings,
	struct log *log, const struct noise_identity *identity,
	const struct noise_identity *older, struct authorized *authorized);

/*
 * Tells it to finish: replies under way are sent, connections closed. It takes
 * no longer than WORKER_STOP_MS, whatever the peers do.
 */
void worker_stop(struct worker *w);

enum { WORKER_STOP_MS = 1300 };

/* Waits for its end and frees it, keys wiped. w may be NULL. */
void worker_free(struct worker *w);

/* How many of its descriptors it needs for itself. */
enum { WORKER_DESCRIPTORS = 3 };
