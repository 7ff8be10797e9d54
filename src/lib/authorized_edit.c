// SPDX-License-Identifier: MIT
/*
 * Adding to the list of clients, with its lock held from before it is read
 * until it has been written.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "lib/authorized.h"
#include "lib/lines.h"

/* Will it be read as it is written? */
static int check_name(const char *name, struct complaint *complaint)
{
	size_t length = strlen(name);

	if (!length)
		return complaint_print(
			complaint, -EINVAL, "The client's name is empty");
	for (const char *c = name; *c; c++)
		if (ascii_is_control(*c))
			return complaint_print(complaint, -EINVAL,
				"The client's name contains a line break or "
				"another control character");
	if (*name == ' ' || name[length - 1] == ' ')
		return complaint_print(complaint, -EINVAL,
			"The client's name begins or ends with a space");
	return 0;
}

/* Is the text a list that the key is not on? */
static int check_list(const char *text, const char *path, const uint8_t *key,
	struct complaint *complaint)
{
	char *copy = strdup(text);
	struct authorized *list;
	const char *name;
	int error;

	if (!copy)
		return complaint_print(
			complaint, -ENOMEM, "Out of memory for %s", path);
	error = authorized_parse(copy, path, &list, complaint);
	if (error)
		return error;
	name = authorized_find(list, key);
	if (name)
		error = complaint_print(complaint, -EEXIST,
			*name ? "%s already has this key, as \"%s\""
			      : "%s already has this key, without a name",
			path, name);
	authorized_release(list);
	return error;
}

/* With the lock held. */
static int add_line(const char *path, const uint8_t *key, const char *name,
	struct complaint *complaint)
{
	char key_text[KEY_TEXT_BYTES];
	char *text = NULL, *line = NULL, *more = NULL;
	struct files_watch watch = { 0 };
	int error, again;

	do {
		files_free(text);
		text = NULL;
		error = files_read(path, FILES_GUARDED, &text, complaint);
		again = files_watch_wait(&watch, path);
	} while (again > 0);
	if (again)
		error = complaint_print(complaint, again,
			"%s keeps changing; nothing was added", path);
	else if (!error)
		error = check_list(text, path, key, complaint);
	else if (error == -ENOENT)
		error = 0;
	if (error)
		goto out;
	if (asprintf(&line, "%s %s", key_format(key, key_text), name) < 0)
		line = NULL;
	else
		more = lines_with(text ? text : "", line);
	error = more ? files_publish(path, more, complaint)
		     : complaint_print(complaint, -ENOMEM,
			       "Out of memory for %s", path);
	free(line);
	free(more);
out:
	files_free(text);
	return error;
}

int authorized_add(const char *path, const uint8_t key[static NOISE_KEY_BYTES],
	const char *name, unsigned patience_ms, struct complaint *complaint)
{
	int error = check_name(name, complaint);
	int lock;

	if (error)
		return error;
	lock = files_lock(path, patience_ms, complaint);
	if (lock < 0)
		return lock;
	error = add_line(path, key, name, complaint);
	close(lock);
	return error;
}
