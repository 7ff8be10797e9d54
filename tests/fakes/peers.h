// SPDX-License-Identifier: MIT
/*
 * Servers in the world of fakes.h: each connection that is begun there gets
 * one, which is a session of its own, served by a script. It counts what it is
 * asked, and takes as long as its script says. Knows nothing of its clients.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "crypto/noise.h"
#include "proto/command.h"

/* What a peer does in place of its reply, and then it does nothing more. */
enum peer_fault {
	PEER_SILENT,
	PEER_CLOSES,
	PEER_RESETS,
	PEER_SENDS_GARBAGE,
	PEER_CUTS,        /* sends half of it */
	PEER_CUTS_CLOSES, /* and closes */
	PEER_ERRS,        /* says the error, and goes on */
	PEER_SENDS_MORE,  /* a byte more than it should */
};

enum {
	PEER_NO_FAULT = 0,
	PEER_IN_EXCHANGE = -1, /* in place of its flight */
};

struct peer_script {
	uint64_t connect_ms, flight_ms, reply_ms;
	int fault_at; /* the nth request, from 1; or one of the above */
	enum peer_fault fault;
	int stall_at;      /* the nth request has its reply so much later … */
	uint64_t stall_ms; /* … and so have those that come meanwhile */
	int connect_error; /* a connection fails with it; 0: it does not */
	bool stays;        /* after END it does not close */
	const char *number; /* the reply to a TEMP; NULL: "21" */
	const struct noise_identity *identity; /* NULL: serves only xor */
	const struct noise_identity *older;    /* NULL: it has one key only */
};

enum { PEER_SCRIPTS_MAX = 8 };

/* The nth connection from now on has a copy of script[n % count]. */
void peers_begin(const struct peer_script *scripts, size_t count);
void peers_end(void);

/* What all of them together were asked, and by how many. */
struct peers {
	unsigned connections, sessions, requests[COMMAND_COUNT];
	unsigned open, open_most; /* sockets at a time */
	unsigned asked_most;      /* requests in one send */
};

extern struct peers peers;
