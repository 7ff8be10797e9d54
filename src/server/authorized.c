// SPDX-License-Identifier: MIT
#include "server/authorized.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	size_t n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* Cuts text at c and returns what is behind it, "" if there is no such. */
static char *cut(char *text, const char *c)
{
	size_t n = strcspn(text, c);
	char *rest = text + n + (text[n] != '\0');

	text[n] = '\0';
	return rest;
}

static int parse_line(char *line, struct entry *entry)
{
	char *name = cut(line, " \t");

	entry->name = name + strspn(name, " \t");
	return key_parse(line, strlen(line), entry->key);
}

static int parse(struct authorized *list, const char *path, char *complaint)
{
	char *next = list->text;

	for (unsigned number = 1; *next; number++) {
		char *line = next;
		struct entry *entry = &list->entries[list->count];

		next = cut(line, "\n");
		cut(line, "\r");
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		if (parse_line(line, entry)) {
			snprintf(complaint, FILES_COMPLAINT_BYTES,
				"%s, line %u: no public key; wanted are 44 "
				"characters of base64 and a name",
				path, number);
			return -EINVAL;
		}
		entry->line = number;
		list->count++;
	}
	qsort(list->entries, list->count, sizeof(list->entries[0]), compare);
	for (size_t i = 1; i < list->count; i++) {
		const struct entry *a = &list->entries[i - 1], *b = a + 1;

		if (compare(a, b))
			continue;
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"%s, lines %u and %u: the same key twice", path,
			a->line < b->line ? a->line : b->line,
			a->line < b->line ? b->line : a->line);
		return -EINVAL;
	}
	return 0;
}

int authorized_load(const char *path, struct authorized **list,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	struct authorized *loaded;
	char *text;
	int error = files_read(path, FILES_GUARDED, &text, complaint);

	if (error)
		return error;
	loaded =
		calloc(1, sizeof(*loaded) + count_lines(text) *
						    sizeof(loaded->entries[0]));
	if (!loaded) {
		files_free(text);
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"Out of memory for %s", path);
		return -ENOMEM;
	}
	loaded->text = text;
	loaded->references = 1;
	error = parse(loaded, path, complaint);
	if (error)
		authorized_release(loaded);
	else
		*list = loaded;
	return error;
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
	struct entry wanted;
	const struct entry *found;

	memcpy(wanted.key, key, sizeof(wanted.key));
	found = bsearch(&wanted, list->entries, list->count,
		sizeof(list->entries[0]), compare);
	return found ? found->name : NULL;
}
