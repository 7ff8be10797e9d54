// SPDX-License-Identifier: MIT
/*
 * The plain half of the prompt: bytes from standard input, cut into lines.
 * Used by prompt.c, which adds a terminal's comforts where they are built in.
 */
#pragma once

#include <sys/types.h>

#include "client/prompt.h"

/* All zero is valid and empty. */
struct prompt_plain {
	bool is_skipping; /* within a line that was too long */
	size_t length;
	char bytes[PROMPT_LINE_BYTES];
	char line[PROMPT_LINE_BYTES + 1];
};

/*
 * Stands for what is not part of any text: a NUL, or a byte that is not part of
 * a character. No command contains it, so it makes the line an invalid one.
 */
enum { PROMPT_STRAY = '!' };

const char *prompt_plain_read(
	struct prompt_plain *p, const struct bystander *bystander);

/* As read(2) of standard input; the bystander is looked after meanwhile. */
MUST_CHECK ssize_t prompt_input(
	const struct bystander *bystander, char *bytes, size_t size);
