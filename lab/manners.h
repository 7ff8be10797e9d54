// SPDX-License-Identifier: MIT
/*
 * What an attacker does on one connection, step by step, as rows. None of it
 * needs cryptography: an xor session whose key is all zeros sends its flights
 * as zeros and its requests in plain, and a server finds out what is wrong with
 * a flight of the noise exchange only after it has worked on it. Knows no
 * sockets. Used by attack.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum act {
	STAY,  /* and read, until the server ends the connection */
	SEND,  /* n bytes; zeros unless there are others */
	DRIP,  /* n bytes, one of them at each tick */
	READ,  /* n bytes */
	ECHO,  /* the last n bytes read */
	ASK,   /* for the time, for ever, and read only n bytes */
	CLOSE, /* with what has not been read */
	RESET,
	ACTS,
};

enum {
	STEPS_MAX = 5, /* behind those of a row: STAY */
	ECHO_MAX = 128,
};

struct step {
	enum act act;
	size_t n;
	const char *bytes;
};

/* Several of the same manner are done in turn. */
struct script {
	const char *manner;
	struct step steps[STEPS_MAX];
};

/* How many scripts a manner has; exits if it is none. */
size_t manners_count(const char *manner);

/* The i-th of them, modulo their number. */
const struct script *manners_script(const char *manner, size_t i);

/* One line for each. */
void manners_list(void);
