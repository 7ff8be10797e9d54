// SPDX-License-Identifier: MIT
/*
 * What a run is to do: the command line, checked and worked out. Nothing in it
 * changes once the run has begun. Used by all files of this folder.
 */
#pragma once

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypto/noise.h"
#include "lib/trust.h"
#include "proto/command.h"
#include "proto/session.h"

enum plan_mode {
	PLAN_CLOSED,     /* a request leaves when a reply has come */
	PLAN_OPEN,       /* requests leave by a schedule */
	PLAN_HANDSHAKES, /* connect, three flights, END, again */
};

/* As in --command, in this order. */
enum plan_command { PLAN_TIME, PLAN_DATE, PLAN_TEMP, PLAN_MIX };

enum { PLAN_SOURCES_MAX = 64, PLAN_THREADS_MAX = 64 };

struct plan {
	enum plan_mode mode;
	enum exchange_id exchange;
	int command; /* enum plan_command */
	long connections, threads, depth;
	double rate;        /* requests a second, of all threads; open loop */
	long requests;      /* to be counted; 0: as many as fit duration_ns */
	uint64_t warmup_ns; /* before anything is counted */
	uint64_t duration_ns;
	uint64_t timeout_ns; /* for connecting, the exchange, each reply */

	struct addrinfo *to;
	struct addrinfo *from[PLAN_SOURCES_MAX];
	size_t from_count;

	/* Noise. */
	const struct noise_identity *identity;
	struct trust_keys expected; /* any of them will do */
	bool asks_older; /* one is shown only to who asks for an older one */
};
