// SPDX-License-Identifier: MIT
/*
 * Something else to look after while a line is waited for: the connection, of
 * which the prompt knows nothing. Used by input, the prompts and the menu.
 */
#pragma once

#include <signal.h>

struct bystander {
	int (*fd)(void *context); /* -1: nothing now */
	void (*ready)(void *context);
	void (*woken)(void *context); /* by a signal; may be NULL */
	const sigset_t *mask;         /* while waiting; NULL: as it is */
	void *context;
};
