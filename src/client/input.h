// SPDX-License-Identifier: MIT
/*
 * Standard input, as bytes or as lines. While it waits, it watches a bystander.
 * Knows no terminal and no commands. Used by the prompts, the menu and
 * contact.c.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "client/bystander.h"

enum {
	INPUT_LINE_BYTES = 256,
	/*
	 * Replaces bytes that are not text: a NUL, or a byte that is not part
	 * of a character. No command contains it, so it makes the line invalid.
	 */
	INPUT_STRAY = '!',
};

/* All zero is valid and empty. */
struct input_lines {
	bool is_skipping; /* within a line that was too long */
	size_t length;
	char bytes[INPUT_LINE_BYTES];
	char line[INPUT_LINE_BYTES + 1];
};

/*
 * The next line without its end, valid until the next call: 1, 0 at the end of
 * the input, or -errno, and then an incomplete line is lost. Of a line longer
 * than INPUT_LINE_BYTES, only the beginning is returned.
 */
MUST_CHECK int input_line(struct input_lines *l,
	const struct bystander *bystander, const char **line);

/*
 * Returns a count, 0 at the end, or -errno. Watches the bystander, which may be
 * NULL, in the meantime.
 */
MUST_CHECK ssize_t input_read(
	const struct bystander *bystander, char *bytes, size_t size);
