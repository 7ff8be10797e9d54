// SPDX-License-Identifier: MIT
/*
 * The small files that keys live in: reading them whole, and replacing them so
 * that a kill at any moment leaves the old one or the new one. Knows nothing of
 * what is in them. Used by the lists and identities of this folder.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/attributes.h"
#include "base/complaint.h"
#include "lib/paths.h"

enum {
	FILES_MAX = 64 << 20,     /* no list is larger */
	FILES_KEY_MAX = 64 << 10, /* no key file */
};

/*
 * Who else may do what with a file that is to be read: forbidden are those
 * bits of its mode. It must be a regular file of ours or of root's, and nobody
 * else may be able to put another in its place, or in that of a link to it. A
 * private one may also be root's and readable for our group.
 */
enum { FILES_PRIVATE = 0077, FILES_GUARDED = 0022 };

/*
 * The whole file, NUL-terminated; to be wiped and freed by files_free().
 * -ENOENT when there is none, in a folder that is as it should be; otherwise a
 * failure has its complaint.
 */
MUST_CHECK int files_read(const char *path, mode_t forbidden, char **text,
	struct complaint *complaint);
void files_free(char *text);

/*
 * The same of a file that somebody may be writing: it is read again until it
 * has stopped changing. -ETIMEDOUT when it has been changing for 2 seconds.
 */
MUST_CHECK int files_read_settled(const char *path, mode_t forbidden,
	char **text, struct complaint *complaint);

/* What tells one state of a file from the next. */
struct files_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written, changed;
};

/* A file that somebody may be writing; all zero before it was first read. */
struct files_watch {
	struct files_stamp last;
	uint64_t deadline_ns; /* it is given up then */
};

enum { FILES_WATCH_MS = 100 };

/*
 * To be called after path was read, or could not be. 0: it has not changed
 * since the last call, or for seconds, so that what was read is whole. 1: read
 * it again in FILES_WATCH_MS. -ETIMEDOUT: it has been changing for 2 seconds.
 */
MUST_CHECK int files_watch(struct files_watch *w, const char *path);

/* The 2 seconds of a watch that is under way begin now. */
void files_watch_longer(struct files_watch *w);

/* The same as files_watch(), and waits as long as that takes. */
MUST_CHECK int files_watch_wait(struct files_watch *w, const char *path);

/*
 * Writes text to another file, syncs it, and gives it its name: 0, -errno with
 * a complaint, or, when it may not replace what is there, -EEXIST. What
 * replaces a file keeps its mode and, where possible, its owner; what is new is
 * for its owner only. A link stays one: what it leads to is written, or made.
 */
MUST_CHECK int files_write(const char *path, const char *text, bool may_replace,
	struct complaint *complaint);

/*
 * The same for what is no secret: it may replace, and what is new can be read
 * by others, as far as the umask lets them.
 */
MUST_CHECK int files_publish(
	const char *path, const char *text, struct complaint *complaint);

/*
 * Deletes the temporary file of a write here that was interrupted for good,
 * which may hold a secret: for signal handlers that end the program.
 */
void files_abandon(void);

/*
 * Waits for the lock that goes with path, or with what a link leads to (a file
 * of its own, since path gets replaced), at most so long: a descriptor to be
 * closed, or -errno with a complaint: -ETIMEDOUT when somebody else holds it.
 */
MUST_CHECK int files_lock(
	const char *path, unsigned patience_ms, struct complaint *complaint);

/* A change to a file, for whoever embeds it first in something larger. */
struct files_edit {
	/*
	 * Makes what is to be written instead of text (NULL: there is no file),
	 * and is freed then; leaves *changed alone when nothing is. 0, or
	 * -errno with a complaint.
	 */
	int (*change)(struct files_edit *edit, const char *path,
		const char *text, char **changed, struct complaint *complaint);
	bool is_shared; /* people write it too, and others may read it */
};

/*
 * Changes a file with its lock held from before it is read until it has been
 * written: 0, or what files_lock(), files_read(), change or files_write()
 * returned, with a complaint.
 */
MUST_CHECK int files_edit(const char *path, unsigned patience_ms,
	struct files_edit *edit, struct complaint *complaint);
