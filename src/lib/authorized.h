// SPDX-License-Identifier: MIT
/*
 * The clients that may connect: a list of public keys and their names, read
 * from a file and then never changed. The workers share it by counting
 * references, so that a new list can replace it at any time. Knows no sessions.
 * Used by the server and smx-keygen.
 */
#pragma once

#include "crypto/key.h"
#include "lib/files.h"

struct authorized;

/*
 * Reads lines of "KEY name…"; "#" begins a comment, and empty lines are
 * skipped. All or nothing: any other line is an error, which the complaint
 * names, and so is a file without a key or a comment, which may still be being
 * written. The list has one reference.
 */
MUST_CHECK int authorized_load(const char *path, struct authorized **list,
	struct complaint *complaint);

/*
 * The same for a file that may be being written: waits until it has stopped
 * changing. -ETIMEDOUT if it keeps changing.
 */
MUST_CHECK int authorized_load_settled(const char *path,
	struct authorized **list, struct complaint *complaint);

/*
 * The same from the text of that file, which then belongs to the list or is
 * freed.
 */
MUST_CHECK int authorized_parse(char *text, const char *path,
	struct authorized **list, struct complaint *complaint);

/*
 * Adds a line to the file, which is created if it does not exist: 0, or -errno
 * with a complaint. -EEXIST if the key is listed, -EINVAL if the file cannot be
 * loaded or the name cannot be in a line. Waits at most patience_ms for other
 * programs that are changing it.
 */
MUST_CHECK int authorized_add(const char *path,
	const uint8_t key[static NOISE_KEY_BYTES], const char *name,
	unsigned patience_ms, struct complaint *complaint);

/* Adds a reference, or removes one; list may be NULL. */
struct authorized *authorized_share(struct authorized *list);
void authorized_release(struct authorized *list);

size_t authorized_count(const struct authorized *list);

/* The name of the key (it may be empty), or NULL if it is not on the list. */
const char *authorized_find(const struct authorized *list,
	const uint8_t key[static NOISE_KEY_BYTES]);
