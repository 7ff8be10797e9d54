// SPDX-License-Identifier: MIT
#include "lib/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"

/* A service manager's own folder for us; the first, if it names several. */
static bool state_directory(
	const char *name, char path[static FILES_PATH_BYTES])
{
	const char *folders = getenv("STATE_DIRECTORY");

	return folders && *folders == '/' &&
	       snprintf(path, FILES_PATH_BYTES, "%.*s/%s",
		       (int)strcspn(folders, ":"), folders,
		       name) < FILES_PATH_BYTES;
}

int identity_default(const char *name, char path[static FILES_PATH_BYTES])
{
	if (state_directory(name, path))
		return 0;
	return files_default("XDG_STATE_HOME", ".local/state", name, path);
}

static int out_of_memory(char *complaint)
{
	snprintf(complaint, FILES_COMPLAINT_BYTES, "Out of memory for a key");
	return -ENOMEM;
}

int identity_load(const char *path, struct noise_identity **identity,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	struct noise_identity *loaded = NULL;
	char *text;
	size_t length;
	int error = files_read(path, FILES_PRIVATE, &text, complaint);

	if (error)
		return error;
	length = strcspn(text, "\n");
	loaded = key_pair_new();
	if (!loaded)
		error = out_of_memory(complaint);
	else if (text[length + (text[length] == '\n')] ||
		 key_parse(text, length, loaded->secret)) {
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"%s holds no key, which is one line of 44 characters; "
			"make one with smx-keygen",
			path);
		error = -EINVAL;
	}
	files_free(text);
	if (error) {
		key_pair_free(loaded);
		return error;
	}
	noise_identity_finish(loaded);
	key_pair_seal(loaded);
	*identity = loaded;
	return 0;
}

struct noise_identity *identity_draw(void)
{
	struct noise_identity *drawn = key_pair_new();

	if (!drawn)
		return NULL;
	random_bytes(drawn->secret, sizeof(drawn->secret));
	noise_identity_finish(drawn);
	key_pair_seal(drawn);
	return drawn;
}

int identity_make(const char *path, struct noise_identity **identity,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	struct noise_identity *made = identity_draw();
	char text[KEY_TEXT_BYTES + 1];
	int error;

	if (!made)
		return out_of_memory(complaint);
	key_format(made->secret, text);
	strcat(text, "\n");
	error = files_write(path, text, false, complaint);
	explicit_bzero(text, sizeof(text));
	if (error == -EEXIST)
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"%s exists already; nothing was changed", path);
	if (error) {
		key_pair_free(made);
		return error;
	}
	*identity = made;
	return 0;
}

int identity_obtain(const char *path, struct noise_identity **identity,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	int error = identity_load(path, identity, complaint);

	if (error != -ENOENT)
		return error;
	error = files_make_folder(path);
	if (error) {
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"Cannot make the folder of %s: %s", path,
			strerror(-error));
		return error;
	}
	error = identity_make(path, identity, complaint);
	/* Somebody was faster: then that one it is. */
	return error == -EEXIST ? identity_load(path, identity, complaint)
				: error;
}
