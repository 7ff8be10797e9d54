// SPDX-License-Identifier: MIT
/*
 * Who may connect: a list of public keys and the names they go by, read from a
 * file and then never changed. The workers share it by counting references,
 * so that a new list can take its place at any time. Knows no sessions.
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
	char complaint[static FILES_COMPLAINT_BYTES]);

/* One reference more, or one less; list may be NULL. */
struct authorized *authorized_share(struct authorized *list);
void authorized_release(struct authorized *list);

size_t authorized_count(const struct authorized *list);

/* The name that goes with key (it may be empty), or NULL: not on the list. */
const char *authorized_find(const struct authorized *list,
	const uint8_t key[static NOISE_KEY_BYTES]);
