// SPDX-License-Identifier: MIT
/*
 * The settings of the server: the values of the options, as completed at
 * startup. Written before the first thread starts, and only read after that.
 */
#pragma once

#include <stdbool.h>

enum { THREADS_MAX = 64 };

struct settings {
	const char *host; /* may include a port */
	const char *port; /* NULL: as in host, or else the default */
	long threads;
	long max_connections; /* in total; 0 until startup determines it */
	long max_per_source;  /* per address or IPv6 network; 0: no limit */
	unsigned handshake_ms;
	unsigned idle_ms; /* 0: never */
	bool quiet;
	bool requires_secure;
	const char *key;     /* the key file; NULL: the default */
	const char *old_key; /* an older one, for clients that ask for it; or
				NULL */
	const char *authorized_keys; /* NULL: any client may connect */
	const char *user;            /* whom to become; NULL: nobody */
	bool has_no_cage;
	int colours; /* enum mark_colours */
};
