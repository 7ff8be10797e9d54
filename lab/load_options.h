// SPDX-License-Identifier: MIT
/*
 * The command line of load. load.c says what load is. Knows nothing of how the
 * options are acted on; used by the other files of load.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/session.h"

enum {
	CONNECTIONS_MAX = 28000,
	REQUESTS_MAX = 10000000,
	DEPTH_MAX = SESSION_DEPTH_MAX,
	BYTES_MAX = 1024,
};

struct options {
	size_t wait, together, equally, handshakes; /* 0 or 1 */
	size_t connections, idle, depth, requests;
	size_t request_bytes, reply_bytes;
	const char *exchange_name; /* NULL: no session, only bytes */
	enum exchange_id exchange;
	const char *text; /* of a request, NUL-terminated; or NULL */
	const char *host, *port;
};

extern struct options opt;

/* Exits if something is wrong with them. */
void options_parse(char **argv);

/* A decimal number between these bounds; exits if it is not. */
size_t options_number(const char *text, size_t least, size_t most);

static inline bool has_session(void)
{
	return opt.exchange_name;
}
