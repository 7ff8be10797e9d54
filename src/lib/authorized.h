// SPDX-License-Identifier: MIT
/*
 * Who may connect: a list of public keys and the names they go by, read from a
 * file and then never changed. The workers share it by counting references,
 * so that a new list can take its place at any time. Knows no sessions. Used by
 * the server and smx-keygen.
 */
#pragma once

#include "crypto/key.h"
#include "lib/files.h"

struct authorized;

/*
 * Reads lines of "KEY name…"; "#" begins a comment, empty lines are skipped.
 * All or nothing: a line that is neither is an error, named in the complaint,
 * and so is a file without a key or a comment, which somebody may be writing.
 * The list comes with one reference.
 */
MUST_CHECK int authorized_load(const char *path, struct authorized **list,
	struct complaint *complaint);

/* The same for a file that somebody may be writing: waits until it has stopped
 * changing. -ETIMEDOUT when it keeps changing. */
MUST_CHECK int authorized_load_settled(const char *path,
	struct authorized **list, struct complaint *complaint);

/*
 * The same without waiting: to be called again as long
 * as it returns 1, in FILES_WATCH_MS, with the same watch. -ETIMEDOUT when the
 * file keeps changing.
 */
MUST_CHECK int authorized_watch(struct files_watch *watch, const char *path,
	struct authorized **list, struct complaint *complaint);

/* The same from the text of that file, which becomes the list's, or is freed.
 */
MUST_CHECK int authorized_parse(char *text, const char *path,
	struct authorized **list, struct complaint *complaint);

/*
 * Adds a line to the file, which is made when there is none: 0, or -errno with
 * a complaint. -EEXIST when the key is listed, -EINVAL when the file is none
 * that can be loaded, or name none that a line can have. Waits at most so long
 * for others who are adding.
 */
MUST_CHECK int authorized_add(const char *path,
	const uint8_t key[static NOISE_KEY_BYTES], const char *name,
	unsigned patience_ms, struct complaint *complaint);

/* One reference more, or one less; list may be NULL. */
struct authorized *authorized_share(struct authorized *list);
void authorized_release(struct authorized *list);

size_t authorized_count(const struct authorized *list);

/* The name that goes with key (it may be empty), or NULL: not on the list. */
const char *authorized_find(const struct authorized *list,
	const uint8_t key[static NOISE_KEY_BYTES]);
