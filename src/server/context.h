// SPDX-License-Identifier: MIT
/*
 * What a connection needs of its worker: the loop, the clock of this wake, the
 * deadlines, what is lent, the counters and the log, and buffers to read and
 * write. Knows no thread and no mail. Used by a worker and its connections.
 */
#pragma once

#include "lib/authorized.h"
#include "net/loop.h"
#include "server/answer.h"
#include "server/counters.h"
#include "server/deadline.h"
#include "server/lent.h"
#include "server/peer_log.h"
#include "server/settings.h"
#include "server/sources.h"

struct context {
	struct session_host host; /* first, so that callbacks find the rest */
	const struct settings *settings;
	struct peer_log *peer_log;     /* shared by all threads */
	struct authorized *authorized; /* NULL: all clients */
	struct sources *sources;       /* shared by all threads */
	struct loop *loop;
	uint64_t now_ms; /* as of the last wake; see server/pace.h */
	struct deadlines deadlines;
	uint64_t next_far_ms; /* see admission.c */
	struct answers answers;
	struct pool connections;
	struct lent lent;
	struct queue queue; /* of flights that are costly */
	struct counters counters;
	uint8_t in[SESSION_KEPT_MAX + READ_BYTES];
	uint8_t out[REPLY_BYTES];
};
