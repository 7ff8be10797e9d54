// SPDX-License-Identifier: MIT
#include "lib/trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "lib/lines.h"
#include "lib/paths.h"

int trust_default(char path[static FILES_PATH_BYTES])
{
	return files_default(
		"XDG_CONFIG_HOME", ".config", "known_servers", path);
}

/*
 * A white space would end the name, a line end the line: such characters are
 * written as "\\X20". No name has a capital letter otherwise, so this stands
 * for nothing else.
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
	char made[TRUST_NAME_BYTES] = "[";
	size_t n = 1;

	for (; *host && n < sizeof(made); host++)
		n += (size_t)spell(*host, made + n, sizeof(made) - n);
	if (n < sizeof(made))
		n += (size_t)snprintf(made + n, sizeof(made) - n, "]:%u", port);
	if (n >= sizeof(made))
		return -ENAMETOOLONG;
	memcpy(name, made, sizeof(made));
	return 0;
}

/* What spell() has written, as it was. */
static void unspell(char *text)
{
	char *to = text;

	while (*text) {
		int high = -1, low = -1;

		if (text[0] == '\\' && text[1] == 'X') {
			high = ascii_hex(text[2]);
			low = high < 0 ? -1 : ascii_hex(text[3]);
		}
		*to++ = low > 0 || high > 0 ? (char)(high << 4 | low) : *text;
		text += low > 0 || high > 0 ? 4 : 1;
	}
	*to = '\0';
}

/*
 * A line's name, as trust_name() makes it, and its key; or -EINVAL. The name
 * ends at the first white space, and its host at the last bracket before that:
 * there may be others in it.
 */
static int parse_line(const struct line *line,
	char name[static TRUST_NAME_BYTES], uint8_t key[static NOISE_KEY_BYTES])
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

/*
 * text is the file; see trust_find(). A name is unknown only if every line has
 * been understood: one that was overlooked might be about it.
 */
static int find(const char *path, const char *text, const char *name,
	uint8_t key[static NOISE_KEY_BYTES], unsigned *number, char *complaint)
{
	char its_name[TRUST_NAME_BYTES];
	uint8_t its_key[NOISE_KEY_BYTES];
	struct line line = { .next = text };

	while (line_next(&line)) {
		if (line_is_empty(&line))
			continue;
		if (parse_line(&line, its_name, its_key)) {
			snprintf(complaint, FILES_COMPLAINT_BYTES,
				"%s, line %u: expected a comment or "
				"\"[host]:port KEY\"%s; fix or delete this "
				"line",
				path, line.number, line_oddity(&line));
			return -EINVAL;
		}
		if (!strcmp(its_name, name)) {
			*number = line.number;
			memcpy(key, its_key, sizeof(its_key));
			return 1;
		}
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
			length && !strchr("\r\n", text[length - 1]) ? "\n" : "",
			name, key_format(key, key_text));
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
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"Cannot lock %s.lock: %s", path,
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
	char real[FILES_PATH_BYTES];
	int error = files_make_folder(path);

	/* What a link leads to may lie in a folder that is still to be made. */
	if (!error)
		error = files_resolve(path, real);
	if (!error)
		error = files_make_folder(real);
	if (error) {
		snprintf(complaint, FILES_COMPLAINT_BYTES,
			"Cannot make the folder of %s: %s", path,
			strerror(-error));
		return error;
	}
	return add(path, name, key, patience_ms, complaint);
}
