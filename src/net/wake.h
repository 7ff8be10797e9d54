// SPDX-License-Identifier: MIT
/*
 * What a loop is woken by: a descriptor that becomes readable when another
 * thread, or a signal handler, calls. It carries no message, and however often
 * it was called, that is one call. Another system has another wake_*.c, chosen
 * when building. Used by mailboxes and by what catches signals.
 */
#pragma once

#include "base/attributes.h"

struct waker {
	int fd;   /* to be watched for reading */
	int slot; /* the other end */
};

/* 0 or -errno. */
MUST_CHECK int waker_open(struct waker *w);
void waker_close(struct waker *w);

/* From any thread, and from signal handlers: it is async-signal-safe. */
void waker_wake(const struct waker *w);

/* What has called until now has been heard. */
void waker_clear(const struct waker *w);
