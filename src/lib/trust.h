// SPDX-License-Identifier: MIT
/*
 * The servers a client knows: lines of "[host]:port KEY", "#" for comments. Any
 * other line is an error, so that no known server is taken for a new one. Two
 * clients may add to the file at the same time. Knows no sessions. Used by the
 * client library and smx-keygen.
 */
#pragma once

#include <stdbool.h>

#include "crypto/key.h"
#include "lib/files.h"

enum {
	TRUST_NAME_BYTES = 300,
	TRUST_KEYS_MAX = 16, /* of one server */
};

MUST_CHECK int trust_default(char path[static PATHS_BYTES]);

/*
 * "[host]:port", with the host in lower case, an IPv6 address in its standard
 * form, and characters that would end the name escaped: two hosts never have
 * the same name. -ENAMETOOLONG.
 */
MUST_CHECK int trust_name(
	const char *host, unsigned port, char name[static TRUST_NAME_BYTES]);

/* The file of the machine's administrator, read in addition to the user's. */
extern const char trust_system_file[];

/* A line about a server. */
struct trust_key {
	uint8_t key[NOISE_KEY_BYTES];
	const char *path; /* the file that contains it, as it was named */
	unsigned line;
};

/* All keys known of a server: any of them is accepted. */
struct trust_keys {
	size_t count;
	struct trust_key keys[TRUST_KEYS_MAX];
};

bool trust_has(const struct trust_keys *known,
	const uint8_t key[static NOISE_KEY_BYTES]);

/*
 * Adds the keys of all lines about name in text, the contents of the file, to
 * known: 0, or -errno with a complaint.
 */
MUST_CHECK int trust_read(const char *path, const char *text, const char *name,
	struct trust_keys *known, struct complaint *complaint);

/*
 * The same for the file, if it exists. A name is not unknown because the file
 * is being written: it is read again until it has not changed for
 * FILES_WATCH_MS, for up to 2 seconds.
 */
MUST_CHECK int trust_find(const char *path, const char *name,
	struct trust_keys *known, struct complaint *complaint);

/*
 * Adds name and key; changes nothing if they are known already. -EEXIST if
 * another key is known by now. Waits at most patience_ms for other programs.
 */
MUST_CHECK int trust_add(const char *path, const char *name,
	const uint8_t key[static NOISE_KEY_BYTES], unsigned patience_ms,
	struct complaint *complaint);

/*
 * Removes every line about name, and leaves all others unchanged: returns how
 * many were removed (0, also if there is no file), or -errno with a complaint.
 */
MUST_CHECK int trust_forget(const char *path, const char *name,
	unsigned patience_ms, struct complaint *complaint);

/* A line's name, as trust_name() makes it, and its key: 0 or -EINVAL. */
struct line;
MUST_CHECK int trust_parse(const struct line *line,
	char name[static TRUST_NAME_BYTES],
	uint8_t key[static NOISE_KEY_BYTES]);
