// SPDX-License-Identifier: MIT
/*
 * The lines of a small text file, as editors of every system leave them: ended
 * by LF, CR LF or CR, perhaps behind a byte order mark. Knows nothing of what
 * is in them. Used by the lists of servers and of clients.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct line {
	const char *text; /* without white space before and behind it */
	size_t length;
	unsigned number;  /* from 1 */
	const char *next; /* where the following one begins */
};

/* The first line is the one after { .next = the text }. False: no more. */
bool line_next(struct line *line);

/* text and a line more, in new memory that the caller frees; or NULL. */
MUST_CHECK char *lines_with(const char *text, const char *line);

/* Is there nothing to be read in it but a comment? */
bool line_is_empty(const struct line *line);

/*
 * What a person would not see in a line that is not understood: a phrase to
 * end the complaint with, or "".
 */
const char *line_oddity(const struct line *line);
