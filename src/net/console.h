// SPDX-License-Identifier: MIT
/*
 * Standard input, waited for beside a socket. Another system has another
 * console_*.c, with a thread that reads if need be. Knows nothing of lines and
 * prompts. Used by the client.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "net/wake.h"

enum {
	CONSOLE_INPUT = 1,  /* can be read, or has ended */
	CONSOLE_SOCKET = 2, /* so can this, or it is broken */
	CONSOLE_WOKEN = 4,
};

/*
 * Waits for any of these: which are there, or -errno. There may be no socket
 * (-1) and no waker (NULL). A signal does not end it.
 */
MUST_CHECK int console_wait(int socket, const struct waker *waker);

/* As read(2) of standard input: a count, or -errno; -EAGAIN: wait again. */
MUST_CHECK ssize_t console_read(char *bytes, size_t n);
