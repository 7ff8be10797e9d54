// SPDX-License-Identifier: MIT
#include "lib/authorized.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lines.h"

struct entry {
	uint8_t key[NOISE_KEY_BYTES];
	const char *name; /* in .text */
	unsigned line;
};

struct authorized {
	atomic_uint references;
	char *text; /* the file, cut into strings */
	size_t count;
	struct entry entries[]; /* in the order of their keys */
};

static int compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return memcmp(left->key, right->key, sizeof(left->key));
}

static size_t count_lines(const char *text)
{
	struct line line = { .next = text };

	while (line_next(&line))
		;
	return line.number;
}

/* Cuts the name out of the text, which is not read again. */
static int parse_line(const struct line *line, struct entry *entry)
{
	size_t length = strcspn(line->text, " \t\r\n");
	char *name = (char *)line->text + length;

	if (key_parse(line->text, length, entry->key))
		return -EINVAL;
	name += strspn(name, " \t");
	((char *)line->text)[line->length] = '\0';
	entry->name = name < line->text + line->length ? name : "";
	entry->line = line->number;
	return 0;
}

static int parse_list(
	struct authorized *list, const char *path, struct complaint *complaint)
{
	struct line line = { .next = list->text };
	bool says_something = false;

	while (line_next(&line)) {
		says_something |= line.length > 0;
		if (line_is_empty(&line))
			continue;
		if (parse_line(&line, &list->entries[list->count]))
			return complaint_print(complaint, -EINVAL,
				"%s, line %u: not a public key; expected 44 "
				"base64 characters and a name%s",
				path, line.number, line_oddity(&line));
		list->count++;
	}
	if (!says_something)
		return complaint_print(complaint, -EINVAL,
			"%s is empty; to authorize nobody, write a line "
			"\"# nobody\" in it",
			path);
	qsort(list->entries, list->count, sizeof(list->entries[0]), compare);
	for (size_t i = 1; i < list->count; i++) {
		const struct entry *a = &list->entries[i - 1], *b = a + 1;

		if (!compare(a, b))
			return complaint_print(complaint, -EINVAL,
				"%s, lines %u and %u: duplicate key", path,
				a->line < b->line ? a->line : b->line,
				a->line < b->line ? b->line : a->line);
	}
	return 0;
}

int authorized_parse(char *text, const char *path, struct authorized **list,
	struct complaint *complaint)
{
	struct authorized *loaded;
	int error;

	loaded =
		calloc(1, sizeof(*loaded) + count_lines(text) *
						    sizeof(loaded->entries[0]));
	if (!loaded) {
		files_free(text);
		return complaint_print(
			complaint, -ENOMEM, "Out of memory for %s", path);
	}
	loaded->text = text;
	loaded->references = 1;
	error = parse_list(loaded, path, complaint);
	if (error)
		authorized_release(loaded);
	else
		*list = loaded;
	return error;
}

int authorized_load(
	const char *path, struct authorized **list, struct complaint *complaint)
{
	char *text;
	int error = files_read(path, FILES_GUARDED, &text, complaint);

	return error ? error : authorized_parse(text, path, list, complaint);
}

int authorized_load_settled(
	const char *path, struct authorized **list, struct complaint *complaint)
{
	char *text;
	int error = files_read_settled(path, FILES_GUARDED, &text, complaint);

	return error ? error : authorized_parse(text, path, list, complaint);
}

struct authorized *authorized_share(struct authorized *list)
{
	if (list)
		atomic_fetch_add(&list->references, 1);
	return list;
}

void authorized_release(struct authorized *list)
{
	if (!list || atomic_fetch_sub(&list->references, 1) != 1)
		return;
	free(list->text);
	free(list);
}

size_t authorized_count(const struct authorized *list)
{
	return list->count;
}

const char *authorized_find(const struct authorized *list,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	struct entry wanted = { 0 };
	const struct entry *found;

	memcpy(wanted.key, key, sizeof(wanted.key));
	found = bsearch(&wanted, list->entries, list->count,
		sizeof(list->entries[0]), compare);
	return found ? found->name : NULL;
}
