// SPDX-License-Identifier: MIT
/*
 * The list of clients that a server admits. Each line that says something is
 * about one key, which is found; with a line added, that is found as well.
 */
#include "lib/authorized.h"
#include "bytes.h"
#include "lib/lines.h"

#include <stdio.h>

static const uint8_t added[NOISE_KEY_BYTES] = { 9, 9, 9 };

static int parse(const char *text, struct authorized **list)
{
	struct complaint complaint = { "" };
	char *copy = strdup(text);
	int error;

	assert(copy);
	error = authorized_parse(copy, "list", list, &complaint);
	assert(!error == !*complaint.text);
	return error;
}

static void check_lines(const char *text, const struct authorized *list)
{
	struct line line = { .next = text };
	size_t count = 0;

	while (line_next(&line)) {
		uint8_t key[NOISE_KEY_BYTES];

		if (line_is_empty(&line))
			continue;
		assert(line.length >= KEY_TEXT_BYTES - 1);
		assert(!key_parse(line.text, KEY_TEXT_BYTES - 1, key));
		assert(authorized_find(list, key));
		count++;
	}
	assert(count == authorized_count(list));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	struct authorized *list = NULL, *longer = NULL;
	char line[KEY_TEXT_BYTES + 8], key[KEY_TEXT_BYTES];
	char *text = bytes_text(&b, size), *more;

	if (!parse(text, &list)) {
		const char *name = authorized_find(list, added);

		check_lines(text, list);
		snprintf(
			line, sizeof(line), "%s added", key_format(added, key));
		more = lines_with(text, line);
		assert(more);
		/* Unless it is there already: no key may be twice. */
		assert(!parse(more, &longer) == !name);
		if (longer)
			assert(!strcmp(
				authorized_find(longer, added), "added"));
		authorized_release(longer);
		authorized_release(list);
		free(more);
	}
	free(text);
	return 0;
}
