// SPDX-License-Identifier: MIT
/*
 * The server's log: lines that any thread may add, written to one descriptor
 * by a thread of the log's own. Adding never waits for the reader of that
 * descriptor: a full queue drops lines, and says how many once it can. A
 * write that fails is tried again, so that a full disk tears no line. Knows
 * nothing of what is logged. Used by the server.
 */
#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/mark.h"

struct log;

/* Starts the writer. NULL, with errno set, without memory or a thread. */
MUST_CHECK struct log *log_open(int fd, bool colour);

/* Adds a line; log may be NULL, and then it goes nowhere. */
void log_line(struct log *log, enum mark mark, const char *format, ...)
	PRINTF_LIKE(3, 4);

/*
 * Gives the writer so many milliseconds for what is queued, then lets go of
 * it. A writer stuck on a descriptor that nobody reads is left behind with its
 * memory: the process is expected to end.
 */
void log_close(struct log *log, unsigned patience_ms);
