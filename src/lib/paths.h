// SPDX-License-Identifier: MIT
/*
 * The names of files: folders, and links that are followed by hand, since what
 * they lead to need not exist. Knows nothing of what is in the files. Used by
 * the parts of lib/files.h.
 */
#pragma once

#include "lib/files.h"

enum { FILES_LINKS_MAX = 40 }; /* as many as Linux follows */

/* snprintf's result as an error, when a path is too long for its buffer. */
MUST_CHECK int files_fit(int n);

/* The folder that path lies in. */
void files_folder(const char *path, char folder[static FILES_PATH_BYTES]);

/* One link further: 1; 0: it is no link, or nothing; or -errno. */
MUST_CHECK int files_follow(char path[static FILES_PATH_BYTES]);

/* To where a chain of links ends, whether there is something or not. */
MUST_CHECK int files_resolve(
	const char *path, char real[static FILES_PATH_BYTES]);
