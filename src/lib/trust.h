// SPDX-License-Identifier: MIT
/*
 * The servers a client knows: lines of "[host]:port KEY", "#" for comments.
 * Any other line is an error, lest a server be taken for unknown.
 * Two clients may add to the file at the same time. Knows no sessions.
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
 * "[host]:port", the host in small letters, an IPv6 address in its one
 * spelling, and what would end the name spelled otherwise: two hosts never get
 * the same name. -ENAMETOOLONG.
 */
MUST_CHECK int trust_name(
	const char *host, unsigned port, char name[static TRUST_NAME_BYTES]);

/* The file of the machine's administrator, read beside the user's. */
extern const char trust_system_file[];

/* A line about a server. */
struct trust_key {
	uint8_t key[NOISE_KEY_BYTES];
	const char *path; /* the file it stands in, as it was named */
	unsigned line;
};

/* All that is known of one: any of its keys will do. */
struct trust_keys {
	size_t count;
	struct trust_key keys[TRUST_KEYS_MAX];
};

bool trust_has(const struct trust_keys *known,
	const uint8_t key[static NOISE_KEY_BYTES]);

/*
 * Are there lines about name in text, which is the file's, all of which can be
 * added to known? Then they are: 0, or -errno with a complaint.
 */
MUST_CHECK int trust_read(const char *path, const char *text, const char *name,
	struct trust_keys *known, struct complaint *complaint);

/*
 * The same of the file, if there is one. A name is not unknown because somebody
 * is writing it: it is read again until it has not changed for FILES_WATCH_MS,
 * for 2 seconds.
 */
MUST_CHECK int trust_find(const char *path, const char *name,
	struct trust_keys *known, struct complaint *complaint);

/*
 * Adds name and key; nothing is changed when that is what is known already.
 * -EEXIST when another key is known by now. Waits at most so long for others
 * who are adding.
 */
MUST_CHECK int trust_add(const char *path, const char *name,
	const uint8_t key[static NOISE_KEY_BYTES], unsigned patience_ms,
	struct complaint *complaint);

/*
 * Takes out every line about name, and leaves all others to the letter: how
 * many they were (0, also when there is no file), or -errno with a complaint.
 */
MUST_CHECK int trust_forget(const char *path, const char *name,
	unsigned patience_ms, struct complaint *complaint);

/* A line's name, as trust_name() makes it, and its key: 0 or -EINVAL. */
struct line;
MUST_CHECK int trust_parse(const struct line *line,
	char name[static TRUST_NAME_BYTES],
	uint8_t key[static NOISE_KEY_BYTES]);
