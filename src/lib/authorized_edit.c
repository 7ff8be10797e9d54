// SPDX-License-Identifier: MIT
/*
 * Adds to the list of clients.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "lib/authorized.h"
#include "lib/lines.h"

/* Can it be read back unchanged? */
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

/* Is the text a list without the key? */
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

/* A client to be added to the list. */
struct addition {
	struct files_edit edit; /* first */
	const uint8_t *key;
	const char *name;
};

static int add_client(struct files_edit *edit, const char *path,
	const char *text, char **changed, struct complaint *complaint)
{
	const struct addition *a = (struct addition *)edit;
	char key_text[KEY_TEXT_BYTES];
	char *line = NULL;
	int error = text ? check_list(text, path, a->key, complaint) : 0;

	if (error)
		return error;
	if (asprintf(&line, "%s %s", key_format(a->key, key_text), a->name) < 0)
		line = NULL;
	else
		*changed = lines_with(text ? text : "", line);
	free(line);
	return *changed ? 0
			: complaint_print(complaint, -ENOMEM,
				  "Out of memory for %s", path);
}

int authorized_add(const char *path, const uint8_t key[static NOISE_KEY_BYTES],
	const char *name, unsigned patience_ms, struct complaint *complaint)
{
	struct addition addition = {
		.edit = { add_client, .is_shared = true },
		.key = key,
		.name = name,
	};
	int error = check_name(name, complaint);

	return error ? error
		     : files_edit(path, patience_ms, &addition.edit, complaint);
}
