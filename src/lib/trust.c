// SPDX-License-Identifier: MIT
#include "lib/trust.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int trust_default(char path[static FILES_PATH_BYTES])
{
	return files_default(
		"XDG_CONFIG_HOME", ".config", "known_servers", path);
}

int trust_name(
	const char *host, unsigned port, char name[static TRUST_NAME_BYTES])
{
	int n = snprintf(name, TRUST_NAME_BYTES, "[%s]:%u", host, port);

	if (n >= TRUST_NAME_BYTES)
		return -ENAMETOOLONG;
	/* A white space would end the name, a line end the line. */
	for (char *c = name; *c; c++)
		*c = isspace((unsigned char)*c)
			     ? '_'
			     : (char)tolower((unsigned char)*c);
	return 0;
}

/* text is the file; see trust_find(). */
static int find(const char *path, const char *text, const char *name,
	uint8_t key[static NOISE_KEY_BYTES], unsigned *line, char *complaint)
{
	unsigned number = 1;

	for (const char *at = text; *at; number++) {
		size_t length = strcspn(at, "\n");
		size_t name_length = strcspn(at, " \t\n");
		const char *key_text = at + name_length;
		size_t key_length;

		key_text += strspn(key_text, " \t");
		key_length = strcspn(key_text, " \t\r\n");
		if (length && *at != '#' && name_length == strlen(name) &&
			!memcmp(at, name, name_length)) {
			*line = number;
			if (!key_parse(key_text, key_length, key))
				return 1;
			snprintf(complaint, FILES_COMPLAINT_BYTES,
				"%s, line %u: what follows %s is no key; "
				"mend or delete the line",
				path, number, name);
			return -EINVAL;
		}
		at += length + (at[length] == '\n');
	}
	return 0;
}

int trust_find(const char *path, const char *name,
	uint8_t key[static NOISE_KEY_BYTES], unsigned *line,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	char *text;
	int found = files_read(path, FILES_GUARDED, &text, complaint);

	if (found)
		return found == -ENOENT ? 0 : found;
	found = find(path, text, name, key, line, complaint);
	files_free(text);
	return found;
}

/* The file with one line more, in new memory. */
static char *extended(const char *text, const char *name, const uint8_t *key)
{
	size_t length = strlen(text);
	size_t size = length + strlen(name) + KEY_TEXT_BYTES + 4;
	char *more = malloc(size);
	char key_text[KEY_TEXT_BYTES];

	if (more)
		snprintf(more, size, "%s%s%s %s\n", text,
			length && text[length - 1] != '\n' ? "\n" : "", name,
			key_format(key, key_text));
	return more;
}

/* With the lock held. */
static int add(
	const char *path, const char *name, const uint8_t *key, char *complaint)
{
	uint8_t known[NOISE_KEY_BYTES];
	unsigned line;
	char *text = NULL, *more;
	int error = files_read(path, FILES_GUARDED, &text, complaint);

	if (error == -ENOENT)
		error = 0;
	if (!error && text)
		error = find(path, text, name, known, &line, complaint);
	if (error == 1) {
		error = key_equal(known, key) ? 0 : -EEXIST;
		if (error)
			snprintf(complaint, FILES_COMPLAINT_BYTES,
				"%s, line %u, knows another key for %s by now",
				path, line, name);
		goto out;
	}
	if (error)
		goto out;
	more = extended(text ? text : "", name, key);
	error = -ENOMEM;
	if (more)
		error = files_write(path, more, true, complaint);
	else
		snprintf(complaint, FILES_COMPLAINT_BYTES, "Out of memory");
	free(more);
out:
	files_free(text);
	return error;
}

int trust_add(const char *path, const char *name,
	const uint8_t key[static NOISE_KEY_BYTES],
	char complaint[static FILES_COMPLAINT_BYTES])
{
	int error = files_make_folder(path);
	int lock = error ? error : files_lock(path);

	if (lock < 0) {
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			error ? "Cannot make the folder of %s: %s"
			      : "Cannot lock %s: %s",
			path, strerror(-lock));
		return lock;
	}
	error = add(path, name, key, complaint);
	close(lock);
	return error;
}
