// SPDX-License-Identifier: MIT
#include "lib/identity.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "lib/lines.h"

/*
 * The folders that a service manager provides, separated by colons: the first
 * that contains the file, else the first.
 */
static bool in_folders(const char *variable, const char *name, bool must_exist,
	char path[static PATHS_BYTES])
{
	const char *folders = secure_getenv(variable);
	char at[PATHS_BYTES];
	bool is_found = false;

	while (folders && *folders) {
		size_t n = strcspn(folders, ":");
		bool fits = *folders == '/' &&
			    snprintf(at, sizeof(at), "%.*s/%s", (int)n, folders,
				    name) < PATHS_BYTES;
		bool is_there = fits && !paths_find(at);

		if (is_there || (fits && !must_exist && !is_found))
			memcpy(path, at, sizeof(at));
		if (is_there)
			return true;
		is_found |= fits && !must_exist;
		folders += n + (folders[n] == ':');
	}
	return is_found;
}

int identity_default(const char *name, char path[static PATHS_BYTES])
{
	if (in_folders("CREDENTIALS_DIRECTORY", name, true, path) ||
		in_folders("STATE_DIRECTORY", name, false, path))
		return 0;
	return paths_default("XDG_STATE_HOME", ".local/state", name, path);
}

static int no_memory_for_key(struct complaint *complaint)
{
	return complaint_print(complaint, -ENOMEM, "Out of memory for a key");
}

/* One line with a key, and otherwise only white space. */
static int parse_key_line(const char *text, uint8_t key[static NOISE_KEY_BYTES])
{
	struct line line = { .next = text };
	int error = -EINVAL;

	while (line_next(&line)) {
		if (!line.length)
			continue;
		if (!error || key_parse(line.text, line.length, key))
			return -EINVAL;
		error = 0;
	}
	return error;
}

int identity_load(const char *path, struct noise_identity **identity,
	struct complaint *complaint)
{
	struct noise_identity *loaded = NULL;
	char *text;
	int error = files_read(path, FILES_PRIVATE, &text, complaint);

	if (error)
		return error;
	loaded = key_identity_new();
	if (!loaded)
		error = no_memory_for_key(complaint);
	else if (parse_key_line(text, loaded->secret))
		error = complaint_print(complaint, -EINVAL,
			"%s does not contain a key (one line of 44 base64 "
			"characters); create one with smx-keygen",
			path);
	files_free(text);
	if (error) {
		key_identity_free(loaded);
		return error;
	}
	noise_identity_finish(loaded);
	key_identity_seal(loaded);
	*identity = loaded;
	return 0;
}

struct noise_identity *identity_draw(void)
{
	struct noise_identity *drawn = key_identity_new();

	if (!drawn)
		return NULL;
	random_bytes(drawn->secret, sizeof(drawn->secret));
	noise_identity_finish(drawn);
	key_identity_seal(drawn);
	return drawn;
}

int identity_make(const char *path, struct noise_identity **identity,
	struct complaint *complaint)
{
	struct noise_identity *made = identity_draw();
	char text[KEY_TEXT_BYTES + 1];
	int error;

	if (!made)
		return no_memory_for_key(complaint);
	key_format(made->secret, text);
	strcat(text, "\n");
	error = files_write(path, text, false, complaint);
	sodium_memzero(text, sizeof(text));
	if (error == -EEXIST)
		complaint_print(complaint, error,
			"%s already exists; nothing was changed", path);
	if (error) {
		key_identity_free(made);
		return error;
	}
	*identity = made;
	return 0;
}

int identity_obtain(const char *path, struct noise_identity **identity,
	struct complaint *complaint)
{
	int error = identity_load(path, identity, complaint);

	if (error != -ENOENT)
		return error;
	error = paths_make_folder(path);
	if (error)
		return complaint_print(complaint, error,
			"Cannot create the directory of %s: %s", path,
			strerror(-error));
	error = identity_make(path, identity, complaint);
	/* Another process was faster: use its key. */
	return error == -EEXIST ? identity_load(path, identity, complaint)
				: error;
}
