// SPDX-License-Identifier: MIT
/*
 * The server's log: lines that any thread may add, written to one descriptor by
 * a separate thread. Adding never waits for the reader of that descriptor: if
 * the queue is full, lines are dropped, and the number dropped is reported
 * later. A failed write is retried, so a full disk tears no line. Knows nothing
 * of what is logged. Used by the server.
 */
#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/mark.h"

struct log;

/* Starts the writer, which then runs. NULL, with errno set, if it cannot. */
MUST_CHECK struct log *log_open(int fd, bool colour);

/*
 * Adds a line, and returns its length in bytes: 0 if it was dropped. If log is
 * NULL, the line is discarded.
 */
size_t log_line(struct log *log, enum mark mark, const char *format, ...)
	PRINTF_LIKE(3, 4);

/*
 * Gives the writer this many milliseconds for what is queued, then releases it.
 * A writer stuck on a descriptor that nobody reads is abandoned with its
 * memory: the process is expected to end.
 */
void log_close(struct log *log, unsigned patience_ms);
