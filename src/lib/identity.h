// SPDX-License-Identifier: MIT
/*
 * Identities: the key pair in a key file, one line of base64. Knows no
 * sessions. Used by the server, the client library and smx-keygen.
 */
#pragma once

#include "crypto/key.h"
#include "lib/files.h"

/*
 * The default path of "server.key" or "client.key": where a service manager
 * provides it, else in its state directory, else at home.
 */
MUST_CHECK int identity_default(
	const char *name, char path[static PATHS_BYTES]);

/*
 * Reads the identity at path. -ENOENT if there is none. Every failure has a
 * complaint. Free *identity with key_pair_free().
 */
MUST_CHECK int identity_load(const char *path, struct noise_identity **identity,
	struct complaint *complaint);

/* Creates a new one at path: -EEXIST if there is a file already. */
MUST_CHECK int identity_make(const char *path, struct noise_identity **identity,
	struct complaint *complaint);

/* Reads it, or creates it with its folders if there is none. */
MUST_CHECK int identity_obtain(const char *path,
	struct noise_identity **identity, struct complaint *complaint);

/* A new one that is in no file. NULL if memory runs out. */
MUST_CHECK struct noise_identity *identity_draw(void);
