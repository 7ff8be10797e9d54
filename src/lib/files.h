// SPDX-License-Identifier: MIT
/*
 * The small files that hold keys: reading them whole, and replacing them so
 * that a kill at any moment leaves either the old one or the new one. Knows
 * nothing of their contents. Used by the lists and identities of this folder.
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
	FILES_MAX = 64 << 20,     /* of a list */
	FILES_KEY_MAX = 64 << 10, /* of a key file */
};

/*
 * What other users may do with a file that is to be read: these bits of its
 * mode are forbidden. The file must be a regular file that belongs to us or to
 * root, and nobody else may be able to replace it, or a link to it. A private
 * one may also belong to root and be readable by our group.
 */
enum { FILES_PRIVATE = 0077, FILES_GUARDED = 0022 };

/*
 * Reads the whole file and terminates it with a NUL. files_free() wipes and
 * frees it. -ENOENT if there is no file, in a folder that is safe; every other
 * failure has a complaint.
 */
MUST_CHECK int files_read(const char *path, mode_t forbidden, char **text,
	struct complaint *complaint);
void files_free(char *text);

/*
 * The same for a file that may be being written: it is read again until it has
 * stopped changing. -ETIMEDOUT if it has been changing for 2 seconds.
 */
MUST_CHECK int files_read_settled(const char *path, mode_t forbidden,
	char **text, struct complaint *complaint);

/* What distinguishes two states of a file. */
struct files_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written, changed;
};

/* A file that may be being written; all zero before it is first read. */
struct files_watch {
	struct files_stamp last;
	uint64_t deadline_ns; /* when to give up */
};

enum { FILES_WATCH_MS = 100 };

/*
 * Call this after path was read, or could not be read. 0: it has not changed
 * since the last call, or for seconds, so what was read is complete. 1: read it
 * again in FILES_WATCH_MS. -ETIMEDOUT: it has been changing for 2 seconds.
 */
MUST_CHECK int files_watch(struct files_watch *w, const char *path);

/*
 * Both at once, for a file that may be being written: 0 once it has been read
 * whole, 1, or -errno with a complaint.
 */
MUST_CHECK int files_read_watched(struct files_watch *w, const char *path,
	mode_t forbidden, char **text, struct complaint *complaint);

/* Restarts the 2 seconds of a watch. */
void files_watch_longer(struct files_watch *w);

/* The same as files_watch(), but waits as long as necessary. */
MUST_CHECK int files_watch_wait(struct files_watch *w, const char *path);

/*
 * Writes text to another file, syncs it, and gives it the name: 0, -errno with
 * a complaint, or -EEXIST if there is a file that it may not replace. A
 * replacement keeps the mode and, where possible, the owner; a new file is for
 * its owner only. A link remains one: its target is written, or created.
 */
MUST_CHECK int files_write(const char *path, const char *text, bool may_replace,
	struct complaint *complaint);

/*
 * The same for contents that are not secret: it may replace a file, and a new
 * one can be read by others, as far as the umask permits.
 */
MUST_CHECK int files_publish(
	const char *path, const char *text, struct complaint *complaint);

/*
 * Deletes the temporary file of an interrupted write, which may contain a
 * secret: for signal handlers that end the program.
 */
void files_abandon(void);

/*
 * Waits at most patience_ms for the lock of path, or of the target of a link (a
 * separate file, since path gets replaced). Returns a descriptor to be closed,
 * or -errno with a complaint: -ETIMEDOUT if another process holds it.
 */
MUST_CHECK int files_lock(
	const char *path, unsigned patience_ms, struct complaint *complaint);

/* A change to a file, embedded as the first member of something larger. */
struct files_edit {
	/*
	 * Makes *changed, the new text, which is freed afterwards, from text
	 * (NULL: there is no file); leaves it alone if nothing changes. 0, or
	 * -errno with a complaint.
	 */
	int (*change)(struct files_edit *edit, const char *path,
		const char *text, char **changed, struct complaint *complaint);
	bool is_shared; /* people edit it too, and other users may read it */
};

/*
 * Changes a file, holding its lock from before it is read until it has been
 * written: 0, or what files_lock(), files_read(), change or files_write()
 * returned, with a complaint.
 */
MUST_CHECK int files_edit(const char *path, unsigned patience_ms,
	struct files_edit *edit, struct complaint *complaint);
