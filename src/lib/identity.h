// SPDX-License-Identifier: MIT
/*
 * Identities: a key pair in a file, one line of base64. Knows no sessions.
 * Used by the server, the client library and smx-keygen.
 */
#pragma once

#include "crypto/key.h"
#include "lib/files.h"

/*
 * "server.key" or "client.key", where it is when nobody says otherwise: where a
 * service manager provides it, else where one keeps our state, else at home.
 */
MUST_CHECK int identity_default(
	const char *name, char path[static PATHS_BYTES]);

/*
 * Reads the identity at path. -ENOENT when there is none. Every failure has
 * its complaint. *identity is freed by key_identity_free().
 */
MUST_CHECK int identity_load(const char *path, struct noise_identity **identity,
	struct complaint *complaint);

/* Makes a new one at path: -EEXIST when there is something already. */
MUST_CHECK int identity_make(const char *path, struct noise_identity **identity,
	struct complaint *complaint);

/* Reads it; made, with the folders it lies in, when there is none. */
MUST_CHECK int identity_obtain(const char *path,
	struct noise_identity **identity, struct complaint *complaint);

/* A fresh one that is in no file. NULL when there is no memory. */
MUST_CHECK struct noise_identity *identity_draw(void);
