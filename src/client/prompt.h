// SPDX-License-Identifier: MIT
/*
 * Lines from a person or a pipe: edited, with a history, on a terminal; plain
 * anywhere else. While it waits it looks after one more descriptor. Knows no
 * commands and no server.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/attributes.h"

/* Something else to look after while waiting for a line. */
struct bystander {
	int (*fd)(void *context); /* -1: nothing now */
	void (*ready)(void *context);
	void (*woken)(void *context); /* by a signal; may be NULL */
	const sigset_t *mask;         /* while waiting; NULL: as it is */
	void *context;
};

struct prompt;

/* NULL when there is no memory. is_terminal: prompt and editing are wanted. */
MUST_CHECK struct prompt *prompt_open(
	bool is_terminal, const struct bystander *bystander);

/*
 * The next line without its end, valid until the next call; NULL at the end of
 * the input. A NUL in it, or a byte that is not part of a character, comes out
 * as one that no command contains. Of a line longer than PROMPT_LINE_BYTES the
 * beginning is returned.
 */
const char *prompt_read(struct prompt *p);

enum { PROMPT_LINE_BYTES = 256 };

/* Leaves the terminal as it was. p may be NULL. */
void prompt_close(struct prompt *p);
