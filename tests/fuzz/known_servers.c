// SPDX-License-Identifier: MIT
/*
 * The list of servers that a client knows: a host and a port, then the file.
 * After a line for that server has been added, the file is read again and has
 * the key, whatever was in it before.
 */
#include "bytes.h"
#include "lib/lines.h"
#include "lib/trust.h"

#include <errno.h>
#include <stdio.h>

static const uint8_t added[NOISE_KEY_BYTES] = { 7, 7, 7 };

/* What is written is read back. */
static char *add(const char *text, const char *name)
{
	char line[TRUST_NAME_BYTES + KEY_TEXT_BYTES], key[KEY_TEXT_BYTES];
	char its_name[TRUST_NAME_BYTES];
	uint8_t its_key[NOISE_KEY_BYTES];
	struct line parsed = { .next = line };
	char *more;

	snprintf(line, sizeof(line), "%s %s", name, key_format(added, key));
	assert(line_next(&parsed));
	assert(!trust_parse(&parsed, its_name, its_key));
	assert(!strcmp(its_name, name) && key_equal(its_key, added));
	assert(!line_next(&parsed));
	more = lines_with(text, line);
	assert(more);
	return more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	struct trust_keys before = { 0 }, after = { 0 };
	struct complaint complaint = { "" };
	unsigned port = (unsigned)bytes_take(&b) << 8 | bytes_take(&b);
	char *host = bytes_text(&b, bytes_take(&b)), *text, *more;
	char name[TRUST_NAME_BYTES];
	int error;

	if (!*host || trust_name(host, port, name)) {
		free(host);
		return 0;
	}
	text = bytes_text(&b, b.left);
	error = trust_read("list", text, name, &before, &complaint);
	assert(!error || *complaint.text);
	more = add(text, name);
	*complaint.text = '\0';
	error = trust_read("list", more, name, &after, &complaint);
	assert(error == -E2BIG ? before.count == TRUST_KEYS_MAX
			       : !error && after.count == before.count + 1);
	assert(error || trust_has(&after, added));
	free(more);
	free(text);
	free(host);
	return 0;
}
