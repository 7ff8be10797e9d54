// SPDX-License-Identifier: MIT
/*
 * How threads tell another one anything: a queue of letters under a lock, and
 * one waker that the reader's loop watches. Letters are kept whole and in
 * order, and none is lost: with the mailbox full, posting waits, since a reader
 * always comes back to it. Knows nothing of what is in a letter. Used by a
 * worker.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "net/wake.h"

struct mailbox {
	struct waker waker; /* its fd is to be watched for reading */
	pthread_mutex_t lock;
	pthread_cond_t has_room;
	bool is_closed;
	size_t size;         /* of a letter */
	size_t room;         /* for so many letters */
	size_t first, count; /* of those that are there */
	unsigned char *letters;
};

/* For room letters of size bytes each: 0 or -errno. */
MUST_CHECK int mailbox_open(struct mailbox *m, size_t size, size_t room);

/* Its letters with it. A mailbox all zero, or never opened, has none. */
void mailbox_free(struct mailbox *m);

/* Puts a letter in, waiting for room. It must not be closed. */
void mailbox_post(struct mailbox *m, const void *letter);

/* There will be no more letters. It needs no room, so it cannot be lost. */
void mailbox_close(struct mailbox *m);

/*
 * Takes up to most letters out: how many they were, or -1 once all have been
 * taken and no more will come, which may be said again. Never waits.
 */
MUST_CHECK int mailbox_take(struct mailbox *m, void *letters, int most);
