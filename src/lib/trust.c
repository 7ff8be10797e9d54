// SPDX-License-Identifier: MIT
#include "lib/trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "lib/lines.h"
#include "net/address.h"

const char trust_system_file[] = "/etc/smx/known_servers";

int trust_default(char path[static PATHS_BYTES])
{
	return paths_default(
		"XDG_CONFIG_HOME", ".config", "known_servers", path);
}

/*
 * White space would end the name, and a line end the line, so such characters
 * are written as "\\X20". No name contains a capital letter otherwise, so this
 * cannot mean anything else.
 */
static int spell(char c, char *at, size_t room)
{
	c = ascii_lower(c);
	return c == ' ' || ascii_is_control(c)
		       ? snprintf(at, room, "\\X%02x", (unsigned)c)
		       : snprintf(at, room, "%c", c);
}

int trust_name(
	const char *host, unsigned port, char name[static TRUST_NAME_BYTES])
{
	char made[TRUST_NAME_BYTES] = "[", address[ADDRESS_TEXT_BYTES];
	size_t n = 1;

	for (host = address_spell(host, address); *host && n < sizeof(made);
		host++)
		n += (size_t)spell(*host, made + n, sizeof(made) - n);
	if (n < sizeof(made))
		n += (size_t)snprintf(made + n, sizeof(made) - n, "]:%u", port);
	if (n >= sizeof(made))
		return -ENAMETOOLONG;
	memcpy(name, made, sizeof(made));
	return 0;
}

/* Reverses spell(). */
static void unspell(char *text)
{
	char *to = text;

	while (*text) {
		int high = -1, low = -1;

		if (text[0] == '\\' && text[1] == 'X') {
			high = ascii_hex(text[2]);
			low = high < 0 ? -1 : ascii_hex(text[3]);
		}
		if (low >= 0 && (high || low)) {
			*to++ = (char)(high << 4 | low);
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/*
 * The name ends at the first white space, and its host at the last bracket
 * before that, since there may be brackets in the host.
 */
int trust_parse(const struct line *line, char name[static TRUST_NAME_BYTES],
	uint8_t key[static NOISE_KEY_BYTES])
{
	const char *end = line->text + line->length;
	const char *behind = line->text + strcspn(line->text, " \t\r\n");
	char host[TRUST_NAME_BYTES];
	const char *bracket = behind, *port;
	size_t digits;

	while (bracket > line->text && *bracket != ']')
		bracket--;
	port = bracket + 2;
	if (*line->text != '[' || bracket - line->text < 2 ||
		bracket - line->text > TRUST_NAME_BYTES || bracket[1] != ':')
		return -EINVAL;
	digits = strspn(port, "0123456789");
	if (!digits || digits > 5 || port + digits != behind)
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(bracket - line->text - 1),
		line->text + 1);
	unspell(host);
	if (trust_name(host, (unsigned)atoi(port), name))
		return -EINVAL;
	for (; behind < end && (*behind == ' ' || *behind == '\t'); behind++)
		;
	return key_parse(behind, strcspn(behind, " \t\r\n"), key);
}

bool trust_has(const struct trust_keys *known,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	for (size_t i = 0; i < known->count; i++)
		if (key_equal(known->keys[i].key, key))
			return true;
	return false;
}

/*
 * A name is unknown only if every line was parsed: one that was not might be
 * about it. But if a key is known, another line could only add another
 * acceptable key. So all lines are read, and the first that cannot be parsed
 * counts if no key was found.
 */
int trust_read(const char *path, const char *text, const char *name,
	struct trust_keys *known, struct complaint *complaint)
{
	char its_name[TRUST_NAME_BYTES];
	uint8_t key[NOISE_KEY_BYTES];
	struct line line = { .next = text };
	int error = 0;

	while (line_next(&line)) {
		if (line_is_empty(&line))
			continue;
		if (trust_parse(&line, its_name, key)) {
			if (!error)
				error = complaint_print(complaint, -EINVAL,
					"%s, line %u: expected a comment or "
					"\"[host]:port KEY\"%s; fix or delete "
					"this line",
					path, line.number, line_oddity(&line));
			continue;
		}
		if (strcmp(its_name, name) != 0)
			continue;
		if (known->count == TRUST_KEYS_MAX)
			return complaint_print(complaint, -E2BIG,
				"%s, line %u: more than %d keys for %s; delete "
				"those no longer in use",
				path, line.number, TRUST_KEYS_MAX, name);
		known->keys[known->count] = (struct trust_key){
			.path = path,
			.line = line.number,
		};
		memcpy(known->keys[known->count++].key, key, sizeof(key));
	}
	return known->count ? 0 : error;
}

static int find_in_file(const char *path, const char *name,
	struct trust_keys *known, struct complaint *complaint)
{
	char *text;
	int error = files_read(path, FILES_GUARDED, &text, complaint);

	if (error)
		return error == -ENOENT ? 0 : error;
	error = trust_read(path, text, name, known, complaint);
	files_free(text);
	return error;
}

/*
 * Our programs replace the whole file; a program that writes in place may not
 * have written all of it yet.
 */
static int is_half_written(struct files_watch *watch, const char *path)
{
	ino_t before = watch->last.inode;
	int again = files_watch_wait(watch, path);

	return before && before != watch->last.inode ? 0 : again;
}

int trust_find(const char *path, const char *name, struct trust_keys *known,
	struct complaint *complaint)
{
	struct files_watch watch = { 0 };
	int error, again;

	do {
		error = find_in_file(path, name, known, complaint);
		again = known->count || paths_find(path)
				? 0
				: is_half_written(&watch, path);
	} while (again > 0);
	return again ? complaint_print(complaint, again,
			       "%s keeps changing; wait until it has been "
			       "written",
			       path)
		     : error;
}
