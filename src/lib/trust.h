// SPDX-License-Identifier: MIT
/*
 * The servers a client knows: lines of "[host]:port KEY", "#" for comments.
 * Any other line is an error, lest a server be taken for unknown.
 * Two clients may add to the file at the same time. Knows no sessions.
 */
#pragma once

#include "crypto/key.h"
#include "lib/files.h"

enum { TRUST_NAME_BYTES = 300 };

MUST_CHECK int trust_default(char path[static FILES_PATH_BYTES]);

/*
 * "[host]:port", the host in small letters, and what would end the name spelled
 * otherwise: two hosts never get the same name. -ENAMETOOLONG.
 */
MUST_CHECK int trust_name(
	const char *host, unsigned port, char name[static TRUST_NAME_BYTES]);

/*
 * The key that is known for name, and the line it stands in: 1, or 0 when none
 * is, also when there is no file; or -errno with a complaint.
 */
MUST_CHECK int trust_find(const char *path, const char *name,
	uint8_t key[static NOISE_KEY_BYTES], unsigned *line,
	char complaint[static FILES_COMPLAINT_BYTES]);

/*
 * Adds name and key; nothing is changed when that is what is known already.
 * -EEXIST when another key is known by now. Waits at most so long for others
 * who are adding.
 */
MUST_CHECK int trust_add(const char *path, const char *name,
	const uint8_t key[static NOISE_KEY_BYTES], unsigned patience_ms,
	char complaint[static FILES_COMPLAINT_BYTES]);
