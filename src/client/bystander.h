// SPDX-License-Identifier: MIT
/*
 * Something else to look after while a line is waited for: the connection, of
 * which the prompt knows nothing. Used by input, the prompts and the menu.
 */
#pragma once

#include "net/wake.h"

struct bystander {
	int (*fd)(void *context); /* -1: nothing now */
	void (*ready)(void *context);
	const struct waker *waker; /* NULL: nothing calls it */
	void (*woken)(void *context);
	void *context;
};
