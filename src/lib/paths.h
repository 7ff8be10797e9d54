// SPDX-License-Identifier: MIT
/*
 * The names of files: where a user's own are, the folders that a path lies in,
 * and links that are followed by hand, since what they lead to need not exist.
 * Knows nothing of what is in the files. Used by whatever reads or writes one.
 */
#pragma once

#include "base/attributes.h"

enum {
	PATHS_BYTES = 4096,
	PATHS_LINKS_MAX = 40, /* as many as Linux follows */
};

/*
 * $variable/smx/name, or below the user's home/fallback/smx/name. -ENOENT when
 * there is no home either, -ENAMETOOLONG.
 */
MUST_CHECK int paths_default(const char *variable, const char *fallback,
	const char *name, char path[static PATHS_BYTES]);

/* Is there anything of that name? 0, or -errno: -ENOENT if not. */
MUST_CHECK int paths_find(const char *path);

/* Makes the folders that path lies in, for their owner only: 0 or -errno. */
MUST_CHECK int paths_make_folder(const char *path);

/* snprintf's result as an error, when a path is too long for its buffer. */
MUST_CHECK int paths_fit(int n);

/* The folder that path lies in. */
void paths_folder(const char *path, char folder[static PATHS_BYTES]);

/* One link further: 1; 0: it is not a link, or there is nothing; or -errno. */
MUST_CHECK int paths_follow(char path[static PATHS_BYTES]);

/* To where a chain of links ends, whether there is something or not. */
MUST_CHECK int paths_resolve(const char *path, char real[static PATHS_BYTES]);
