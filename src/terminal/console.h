// SPDX-License-Identifier: MIT
/*
 * Waits for standard input and a socket at the same time. A port to another
 * system has another console_*.c, with a thread that reads if necessary. Knows
 * nothing of lines and prompts. Used by the client.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/attributes.h"

enum {
	CONSOLE_INPUT = 1,  /* can be read, or has ended */
	CONSOLE_SOCKET = 2, /* the socket can be read, or has failed */
	CONSOLE_WOKEN = 4,
};

/*
 * Waits for any of these and returns which are ready, or -errno. waker is what
 * is watched of one (see net/wake.h); -1: there is none, as with socket. A
 * signal does not end the wait.
 */
MUST_CHECK int console_wait(int socket, int waker);

/*
 * Like read(2) on standard input: a count, or -errno; after -EAGAIN, wait
 * again.
 */
MUST_CHECK ssize_t console_read(char *bytes, size_t n);
