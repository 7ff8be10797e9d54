// SPDX-License-Identifier: MIT
/*
 * Manners: a row says what a client does with its connection. And the places
 * that clients connect from. Knows no connection. Used by the clients.
 */
#pragma once

#include "net/address.h"

enum goodbye { ENDS, FINISHES, LEAVES, RESETS, STAYS };
enum habit {
	HONEST,
	CONNECTS_ONLY,
	SENDS_HALF,     /* of its first flight */
	SENDS_NOISE,    /* in place of a flight */
	BREAKS_SESSION, /* sends that in an open session */
	DEAF,           /* asks, and never reads */
};

/* Requests: at most; think_ms: before each. Weight: how many have it. */
struct manner {
	unsigned weight;
	enum habit habit;
	unsigned requests, depth, think_ms, deaf_ms;
	enum goodbye goodbye;
};

const struct manner *manner_choose(void);

/* Few places, so that they are shared. */
struct address manner_source(void);
