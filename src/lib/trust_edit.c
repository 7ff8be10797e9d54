// SPDX-License-Identifier: MIT
/*
 * Changes the file of known servers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lines.h"
#include "lib/trust.h"

/* A server whose key is to be added or removed. */
struct change {
	struct files_edit edit; /* first */
	const char *name;
	const uint8_t *key;
	int gone; /* how many lines */
};

static int out_of_memory(struct complaint *complaint)
{
	return complaint_print(complaint, -ENOMEM, "Out of memory");
}

static int add_server(struct files_edit *edit, const char *path,
	const char *text, char **changed, struct complaint *complaint)
{
	const struct change *c = (struct change *)edit;
	struct trust_keys known = { 0 };
	char line[TRUST_NAME_BYTES + KEY_TEXT_BYTES + 1];
	char key_text[KEY_TEXT_BYTES];
	int error;

	if (!text)
		text = "";
	error = trust_read(path, text, c->name, &known, complaint);

	if (error || trust_has(&known, c->key))
		return error;
	if (known.count)
		return complaint_print(complaint, -EEXIST,
			"%s, line %u, already has a different key for %s", path,
			known.keys[0].line, c->name);
	snprintf(line, sizeof(line), "%s %s", c->name,
		key_format(c->key, key_text));
	*changed = lines_with(text, line);
	return *changed ? 0 : out_of_memory(complaint);
}

int trust_add(const char *path, const char *name,
	const uint8_t key[static NOISE_KEY_BYTES], unsigned patience_ms,
	struct complaint *complaint)
{
	struct change change = {
		.edit.change = add_server,
		.name = name,
		.key = key,
	};
	char real[PATHS_BYTES];
	int error = paths_make_folder(path);

	/* The target of a link may be in a folder that does not exist yet. */
	if (!error)
		error = paths_resolve(path, real);
	if (!error)
		error = paths_make_folder(real);
	if (error)
		return complaint_print(complaint, error,
			"Cannot create the directory of %s: %s", path,
			strerror(-error));
	return files_edit(path, patience_ms, &change.edit, complaint);
}

/* Removes the lines about name from text; returns how many. */
static int take_out(char *text, const char *name)
{
	char its_name[TRUST_NAME_BYTES];
	uint8_t key[NOISE_KEY_BYTES];
	struct line line = { .next = text };
	const char *from = text;
	char *to = text;
	int count = 0;

	/* Kept text moves to the front, never past what is still to be read. */
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

static int forget_lines(struct files_edit *edit, const char *path,
	const char *text, char **changed, struct complaint *complaint)
{
	struct change *c = (struct change *)edit;
	char *rest = strdup(text ? text : "");

	(void)path;
	if (!rest)
		return out_of_memory(complaint);
	c->gone = take_out(rest, c->name);
	if (c->gone)
		*changed = rest;
	else
		free(rest);
	return 0;
}

int trust_forget(const char *path, const char *name, unsigned patience_ms,
	struct complaint *complaint)
{
	struct change change = {
		.edit.change = forget_lines,
		.name = name,
	};
	int error;

	/* No lock file is created if there is nothing to forget. */
	if (paths_find(path) == -ENOENT)
		return 0;
	error = files_edit(path, patience_ms, &change.edit, complaint);
	return error ? error : change.gone;
}
