// SPDX-License-Identifier: MIT
/*
 * A line typed on a terminal, after "> ". There are two implementations, one of
 * which is chosen when building: prompt_edit.c has line editing and a history;
 * prompt_plain.c leaves editing to the terminal. Knows no commands and no
 * server. Used by menu.c.
 */
#pragma once

#include "base/attributes.h"
#include "client/bystander.h"

struct prompt;

/*
 * The bystander's ready() may print lines; the prompt then moves below them.
 * NULL if memory runs out.
 */
MUST_CHECK struct prompt *prompt_open(const struct bystander *bystander);

/*
 * The next line without its end, valid until the next call: 1, 0 at the end of
 * the input, or -errno. A NUL in it, or a byte that is not part of a character,
 * becomes INPUT_STRAY. Of a line longer than INPUT_LINE_BYTES, only the
 * beginning is returned.
 */
MUST_CHECK int prompt_read(struct prompt *p, const char **line);

/* Restores the terminal. p may be NULL. */
void prompt_close(struct prompt *p);
