// SPDX-License-Identifier: MIT
/*
 * What the server was told to be: the options' values, and what start-up made
 * of them. Written before the first thread starts, only read after.
 */
#pragma once

#include <stdbool.h>

enum { THREADS_MAX = 64 };

struct settings {
	const char *host; /* and a port, maybe */
	const char *port; /* NULL: see host, or else the default */
	long threads;
	long max_connections; /* in all; 0 until start-up works it out */
	unsigned handshake_ms;
	unsigned idle_ms; /* 0: never */
	bool quiet;
	bool requires_secure;
	const char *key;             /* the identity's file; NULL: default */
	const char *old_key;         /* another one, for who asks; or NULL */
	const char *authorized_keys; /* NULL: any client may connect */
	int colours;                 /* enum mark_colours */
};
