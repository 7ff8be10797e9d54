// SPDX-License-Identifier: MIT
/*
 * The names of files: where a user's own are, the folder of a path, and links,
 * which are followed by hand, since their targets need not exist. Knows nothing
 * of the contents of files. Used by everything that reads or writes one.
 */
#pragma once

#include "base/attributes.h"

enum {
	PATHS_BYTES = 4096,
	PATHS_LINKS_MAX = 40, /* as many as Linux follows */
};

/*
 * $variable/smx/name, or in fallback/smx/name in the user's home. -ENOENT if
 * there is no home either, -ENAMETOOLONG.
 */
MUST_CHECK int paths_default(const char *variable, const char *fallback,
	const char *name, char path[static PATHS_BYTES]);

/* Does the name exist? 0, or -errno: -ENOENT if not. */
MUST_CHECK int paths_find(const char *path);

/* Creates the folders of path, for their owner only: 0 or -errno. */
MUST_CHECK int paths_make_folder(const char *path);

/*
 * Turns snprintf's result into an error if a path is too long for its buffer.
 */
MUST_CHECK int paths_fit(int n);

/* The folder of path. */
void paths_folder(const char *path, char folder[static PATHS_BYTES]);

/* Follows one link: 1; 0 if it is not a link, or does not exist; or -errno. */
MUST_CHECK int paths_follow(char path[static PATHS_BYTES]);

/* Follows a chain of links to its end, whether that exists or not. */
MUST_CHECK int paths_resolve(const char *path, char real[static PATHS_BYTES]);
