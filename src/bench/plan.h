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
	PLAN_HANDSHAKES, /* connect, exchange keys, END, again */
};

enum {
	PLAN_MIX =
		COMMAND_ASKED, /* instead of a command: all of them in turn */
	PLAN_COMMANDS,
	PLAN_COMMAND_BYTES = COMMAND_MAX + 1,
	PLAN_LIST_BYTES = PLAN_COMMANDS * PLAN_COMMAND_BYTES,
	PLAN_SOURCES_MAX = 64,
	PLAN_THREADS_MAX = 64,
};

struct plan {
	enum plan_mode mode;
	enum exchange_id exchange;
	int command; /* enum command, or PLAN_MIX */
	long connections, threads, depth;
	double rate;        /* open loop: requests a second, all threads */
	long requests;      /* to be counted; 0: as many as fit duration_ns */
	uint64_t warmup_ns; /* before anything is counted */
	uint64_t duration_ns;
	uint64_t timeout_ns; /* for connecting, the exchange, each reply */

	struct addrinfo *to;
	struct addrinfo *from[PLAN_SOURCES_MAX];
	size_t from_count;

	/* If the exchange needs an identity. */
	const struct noise_identity *identity;
	struct trust_keys expected; /* any of them will do */
	bool asks_older; /* the server presents such a key only if asked */
};

/* The name of a command or PLAN_MIX for --command and the report: "time". */
void plan_name_command(int command, char name[static PLAN_COMMAND_BYTES]);

/* All these names, as --help lists them: "time|date|temp|mix". */
void plan_list_commands(char list[static PLAN_LIST_BYTES]);

/* What a thread's request n asks for, counted from 0. */
enum command plan_command(const struct plan *p, uint64_t n);

/* Does only silence end any of the replies? Then requests cannot be pipelined.
 */
bool plan_waits_for_silence(const struct plan *p);
