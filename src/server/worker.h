// SPDX-License-Identifier: MIT
/*
 * A worker: one thread, its loop, its connections and all the memory they can
 * need. It shares the settings, the log and its counters with the rest, and
 * is told everything else by mail. Used by the program's main thread.
 */
#pragma once

#include <pthread.h>

#include "net/address.h"
#include "net/mailbox.h"
#include "server/context.h"
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
 * Letters, which are kept in order and never lost: with the mailbox full, each
 * of these waits until the worker has read some.
 */

/* Hands it a connection, which from now on is the worker's. */
void worker_deal(struct worker *w, int fd, const struct address *peer);

/* Gives it a new list; sessions whose key is not on it are ended. */
void worker_authorize(struct worker *w, struct authorized *list);

/* Gives it the identity that it did not have at its start. */
void worker_identify(struct worker *w, const struct noise_identity *identity);

/* Its texts of the current second are no longer right. */
void worker_turn_page(struct worker *w);

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
