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

_Static_assert(TRUST_NAME_BYTES == 300, "as parse_line() says");

/*
 * A line's name, as trust_name() makes it, and its key: 1, 0 when the line is
 * empty or a comment, or -EINVAL.
 */
static int parse_line(const char *line, char name[static TRUST_NAME_BYTES],
	uint8_t key[static NOISE_KEY_BYTES])
{
	char host[TRUST_NAME_BYTES], port[6];
	int length = 0;

	line += strspn(line, " \t\r");
	if (!*line || *line == '\n' || *line == '#')
		return 0;
	if (sscanf(line, "[%299[^] \t\r\n]]:%5[0-9]%n", host, port, &length) <
			2 ||
		trust_name(host, (unsigned)atoi(port), name))
		return -EINVAL;
	line += length;
	length = (int)strspn(line, " \t");
	line += length;
	return length && !key_parse(line, strcspn(line, " \t\r\n"), key)
		       ? 1
		       : -EINVAL;
}

/*
 * text is the file; see trust_find(). A name is unknown only if every line has
 * been understood: one that was overlooked might be about it.
 */
static int find(const char *path, const char *text, const char *name,
	uint8_t key[static NOISE_KEY_BYTES], unsigned *line, char *complaint)
{
	char its_name[TRUST_NAME_BYTES];
	uint8_t its_key[NOISE_KEY_BYTES];
	unsigned number = 1;

	for (const char *at = text; *at; number++) {
		int parsed = parse_line(at, its_name, its_key);

		if (parsed < 0) {
			snprintf(complaint, FILES_COMPLAINT_BYTES,
				"%s, line %u: neither a comment nor "
				"[host]:port and a key; mend or delete it",
				path, number);
			return parsed;
		}
		if (parsed && !strcmp(its_name, name)) {
			*line = number;
			memcpy(key, its_key, sizeof(its_key));
			return 1;
		}
		at += strcspn(at, "\n");
		at += *at == '\n';
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
static int add_line(
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

static int add(const char *path, const char *name, const uint8_t *key,
	unsigned patience_ms, char *complaint)
{
	int lock = files_lock(path, patience_ms);
	int error;

	if (lock < 0) {
		snprintf(complaint, FILES_COMPLAINT_BYTES, "Cannot lock %s: %s",
			path,
			lock == -ETIMEDOUT ? "another program holds the lock"
					   : strerror(-lock));
		return lock;
	}
	error = add_line(path, name, key, complaint);
	close(lock);
	return error;
}

int trust_add(const char *path, const char *name,
	const uint8_t key[static NOISE_KEY_BYTES], unsigned patience_ms,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	int error = files_make_folder(path);
	char *real;

	if (error) {
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"Cannot make the folder of %s: %s", path,
			strerror(-error));
		return error;
	}
	/* Of a link what it leads to is replaced, and so is what is locked. */
	real = realpath(path, NULL);
	error = add(real ? real : path, name, key, patience_ms, complaint);
	free(real);
	return error;
}
