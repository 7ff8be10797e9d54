// SPDX-License-Identifier: MIT
/*
 * Something else to watch while waiting for a line: the connection, of which
 * the prompt knows nothing. Used by input, the prompts and the menu.
 */
#pragma once

#include "net/wake.h"

struct bystander {
	int (*fd)(void *context); /* -1: none now */
	void (*ready)(void *context);
	const struct waker *waker; /* NULL: nothing calls it */
	void (*woken)(void *context);
	void *context;
};
