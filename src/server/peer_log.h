// SPDX-License-Identifier: MIT
/*
 * The lines that peers cause: who came and went, who was refused and why. All
 * threads share one budget for them, since a peer could otherwise fill a disk:
 * 200 lines at once, then 10 a second. What is left out is counted by kind,
 * and reported now and then. Knows no connections. Used by the acceptor and
 * the workers, but not on the way of a request.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "net/address.h"
#include "server/counters.h"

enum {
	PEER_LOG_LINES = 200,
	PEER_LOG_A_SECOND = 10,
	PEER_LOG_LINE_BYTES = 80, /* a line this long or longer counts twice */
};

enum peer_event {
	PEER_RECEIVED,
	PEER_ENDED,
	PEER_SECURE,
	PEER_WAITS,   /* it cannot be accepted */
	PEER_REFUSED, /* and so on: one for each reason */
	PEER_EVENTS = PEER_REFUSED + COUNTERS,
};

struct peer_log {
	struct log *log;
	bool quiet;               /* not to tell who comes and goes */
	void (*call_owner)(void); /* to have it call peer_log_report() */
	pthread_mutex_t lock;
	uint64_t spent_ns; /* when the whole budget will be there again */
	uint64_t due_ns;   /* the next report; 0: nothing was left out */
	uint64_t reported_ns;
	unsigned long left_out[PEER_EVENTS];
};

/* call_owner may be NULL; it must not wait. */
void peer_log_open(struct peer_log *l, struct log *log, bool quiet,
	void (*call_owner)(void));

/* Reports what was left out, when no more can follow. */
void peer_log_close(struct peer_log *l);

/* One of the first three events; detail may be NULL. */
void peer_log_say(struct peer_log *l, enum peer_event event,
	const struct address *peer, const char *detail);

/* detail may be NULL. */
void peer_log_refuse(struct peer_log *l, enum counter reason,
	const struct address *peer, const char *detail);

/* Connections have to wait, because of this -errno. */
void peer_log_wait(struct peer_log *l, int error);

/*
 * Reports what was left out, if that is due: a second after the first such
 * line, and at most every ten seconds. Returns when to call it again
 * (clock_ns); 0: when called.
 */
uint64_t peer_log_report(struct peer_log *l);
