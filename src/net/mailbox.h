// SPDX-License-Identifier: MIT
/*
 * Messages from threads to another thread: a queue of letters under a lock, and
 * a waker that the reader's loop watches. Letters are kept whole and in order,
 * and none is lost: if the mailbox is full, posting waits, since the reader
 * always comes back to it. Knows nothing of what is in a letter. Used by
 * workers.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "net/wake.h"

struct mailbox {
	struct waker waker; /* watch its fd for reading */
	pthread_mutex_t lock;
	pthread_cond_t has_room;
	bool is_closed;
	size_t size;         /* of a letter */
	size_t room;         /* the capacity in letters */
	size_t first, count; /* of the letters in it */
	unsigned char *letters;
};

/* For room letters of size bytes each: 0 or -errno. */
MUST_CHECK int mailbox_open(struct mailbox *m, size_t size, size_t room);

/*
 * Frees it with its letters. Does nothing if it is all zero, or was not opened.
 */
void mailbox_free(struct mailbox *m);

/* Adds a letter, waiting for room. The mailbox must not be closed. */
void mailbox_post(struct mailbox *m, const void *letter);

/* Ends the letters. This needs no room, so it cannot be lost. */
void mailbox_close(struct mailbox *m);

/*
 * Takes up to most letters and returns how many, or -1 once all have been taken
 * and no more will come; it may return that repeatedly. Never waits.
 */
MUST_CHECK int mailbox_take(struct mailbox *m, void *letters, int most);
