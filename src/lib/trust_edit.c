// SPDX-License-Identifier: MIT
/*
 * Changing the file of known servers, with its lock held from before it is
 * read until it has been written.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/lines.h"
#include "lib/trust.h"

/* With the lock held. */
static int add_line(const char *path, const char *name, const uint8_t *key,
	struct complaint *complaint)
{
	struct trust_keys known = { 0 };
	char *text = NULL, *more;
	char line[TRUST_NAME_BYTES + KEY_TEXT_BYTES + 1];
	char key_text[KEY_TEXT_BYTES];
	int error = trust_look(path, name, &known, complaint);

	if (error || trust_has(&known, key))
		return error;
	if (known.count)
		return complaint_print(complaint, -EEXIST,
			"%s, line %u, already has a different key for %s", path,
			known.keys[0].line, name);
	error = files_read(path, FILES_GUARDED, &text, complaint);
	if (error && error != -ENOENT)
		return error;
	snprintf(line, sizeof(line), "%s %s", name, key_format(key, key_text));
	more = lines_with(text ? text : "", line);
	error = more ? files_write(path, more, true, complaint)
		     : complaint_print(complaint, -ENOMEM, "Out of memory");
	free(more);
	files_free(text);
	return error;
}

int trust_add(const char *path, const char *name,
	const uint8_t key[static NOISE_KEY_BYTES], unsigned patience_ms,
	struct complaint *complaint)
{
	char real[PATHS_BYTES];
	int error = paths_make_folder(path);
	int lock;

	/* What a link leads to may lie in a folder that is still to be made. */
	if (!error)
		error = paths_resolve(path, real);
	if (!error)
		error = paths_make_folder(real);
	if (error)
		return complaint_print(complaint, error,
			"Cannot make the folder of %s: %s", path,
			strerror(-error));
	lock = files_lock(path, patience_ms, complaint);
	if (lock < 0)
		return lock;
	error = add_line(path, name, key, complaint);
	close(lock);
	return error;
}

/* Takes the lines about name out of text; how many they were. */
static int take_out(char *text, const char *name)
{
	char its_name[TRUST_NAME_BYTES];
	uint8_t key[NOISE_KEY_BYTES];
	struct line line = { .next = text };
	const char *from = text;
	char *to = text;
	int count = 0;

	/* What is kept moves to the front, never past what is still to be
	 * read. */
	for (; line_next(&line); from = line.next) {
		size_t length = (size_t)(line.next - from);

		if (!line_is_empty(&line) &&
			!trust_parse(&line, its_name, key) &&
			!strcmp(its_name, name)) {
			count++;
			continue;
		}
		memmove(to, from, length);
		to += length;
	}
	*to = '\0';
	return count;
}

int trust_forget(const char *path, const char *name, unsigned patience_ms,
	struct complaint *complaint)
{
	char *text;
	int count, error, lock;

	/* No lock file is made where there is nothing to be forgotten. */
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	lock = files_lock(path, patience_ms, complaint);
	if (lock < 0)
		return lock;
	error = files_read(path, FILES_GUARDED, &text, complaint);
	count = error == -ENOENT ? 0 : error;
	if (!error) {
		count = take_out(text, name);
		if (count)
			error = files_write(path, text, true, complaint);
		if (error)
			count = error;
		files_free(text);
	}
	close(lock);
	return count;
}
