// SPDX-License-Identifier: MIT
/*
 * Wakes a loop: a descriptor that becomes readable when another thread, or a
 * signal handler, calls. It carries no message, and any number of calls count
 * as one. A port to another system has another wake_*.c, chosen when building.
 * Used by mailboxes and for signals.
 */
#pragma once

#include "base/attributes.h"

struct waker {
	int fd;   /* watch it for reading */
	int slot; /* the other end */
};

/* 0 or -errno. */
MUST_CHECK int waker_open(struct waker *w);
void waker_close(struct waker *w);

/* For any thread, and for signal handlers: it is async-signal-safe. */
void waker_wake(const struct waker *w);

/* Clears all calls so far. */
void waker_clear(const struct waker *w);
