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

enum {
	PLAN_MIX = COMMAND_ASKED, /* in place of a command: all, in turn */
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
	bool asks_older; /* a server may show one of them only if asked to */
};

/* How --command and the report call a command or PLAN_MIX: "time". */
void plan_name_command(int command, char name[static PLAN_COMMAND_BYTES]);

/* All of these, as --help lists them: "time|date|temp|mix". */
void plan_list_commands(char list[static PLAN_LIST_BYTES]);

/* What the nth request of a thread asks for, counted from 0. */
enum command plan_command(const struct plan *p, uint64_t n);

/*
 * Does nothing but silence show where one of the replies ends? Then its
 * request cannot be pipelined.
 */
bool plan_waits_for_silence(const struct plan *p);
