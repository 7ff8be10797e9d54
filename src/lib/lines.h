// SPDX-License-Identifier: MIT
/*
 * The lines of a small text file, as written by editors on any system: ended by
 * LF, CR LF or CR, perhaps after a byte order mark. Knows nothing of their
 * contents. Used by the lists of servers and of clients.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct line {
	const char *text; /* without white space around it */
	size_t length;
	unsigned number;  /* from 1 */
	const char *next; /* where the next one begins */
};

/* The first line is the one after { .next = the text }. False at the end. */
bool line_next(struct line *line);

/* text with a line added, in new memory that the caller frees; or NULL. */
MUST_CHECK char *lines_with(const char *text, const char *line);

/* Is the line empty or a comment? */
bool line_is_empty(const struct line *line);

/*
 * Names what is invisible in a line that cannot be parsed: a phrase to end the
 * complaint with, or "".
 */
const char *line_oddity(const struct line *line);
