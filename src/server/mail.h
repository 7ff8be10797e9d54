// SPDX-License-Identifier: MIT
/*
 * A worker's mailbox: how the main thread tells it anything. Here is the
 * worker's end of it; what can be posted stands in worker.h. Used by a worker.
 */
#pragma once

#include "server/worker.h"

/* Begins to watch the mailbox: 0 or -errno. */
MUST_CHECK int mail_open(struct worker *w);

/*
 * Does what the letters say. The mailbox's end is the order to stop: of all of
 * them the one that cannot be lost.
 */
void mail_read(struct worker *w);

/* What letters ask for. Sessions that are not on the list are ended. */
void worker_use_list(struct worker *w, struct authorized *list);

/* Each connection moves to a deadline of a later stage, or is closed. */
void worker_begin_stop(struct worker *w);
