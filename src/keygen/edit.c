// SPDX-License-Identifier: MIT
#include "keygen/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/authorized.h"
#include "lib/trust.h"
#include "net/endpoint.h"

enum { PATIENCE_MS = 10000 };

void edit_say(enum mark mark, const char *text)
{
	mark_print(STDERR_FILENO, mark,
		mark_wants_colour(MARK_COLOURS_AUTO, STDERR_FILENO), "%s",
		text);
}

/* Makes "[host]:port" from "HOST PORT" or "HOST:PORT": 0 or -EINVAL. */
static int parse_server(char **words, int count,
	char name[static TRUST_NAME_BYTES], struct complaint *complaint)
{
	struct endpoint server;
	int used = endpoint_parse(
		&server, words, count, ENDPOINT_TO_CONNECT, complaint);
	unsigned port;

	if (used < 0)
		return used;
	if (used < count)
		return complaint_print(complaint, -EINVAL,
			"unexpected operand '%s'", words[used]);
	port = endpoint_port(&server);
	if (!port || trust_name(server.host, port, name))
		return complaint_print(
			complaint, -EINVAL, "invalid server name");
	return 0;
}

int edit_forget(const char *file, char **words, int count)
{
	struct complaint complaint;
	char path[PATHS_BYTES];
	char name[TRUST_NAME_BYTES];
	struct trust_keys others = { 0 };
	int gone;

	if (parse_server(words, count, name, &complaint)) {
		edit_say(MARK_ERROR, complaint.text);
		return EXIT_WRONG_USAGE;
	}
	if (!file && trust_default(path)) {
		edit_say(MARK_ERROR, "No home directory for known_servers; use "
				     "--known-servers FILE");
		return EXIT_FAILURE;
	}
	file = file ? file : path;
	gone = trust_forget(file, name, PATIENCE_MS, &complaint);
	if (gone == 0)
		complaint_print(
			&complaint, 0, "%s has no key of %s", file, name);
	else if (gone > 0)
		complaint_print(&complaint, 0,
			gone == 1 ? "%d key of %s removed from %s"
				  : "%d keys of %s removed from %s",
			gone, name, file);
	edit_say(gone > 0 ? MARK_NOTICE : MARK_ERROR, complaint.text);
	if (gone >= 0 && strcmp(file, trust_system_file) != 0 &&
		!trust_find(trust_system_file, name, &others, &complaint) &&
		others.count) {
		complaint_print(&complaint, 0,
			"%s still has a key of %s (line %u)", trust_system_file,
			name, others.keys[0].line);
		edit_say(MARK_NOTICE, complaint.text);
	}
	return gone > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int edit_authorize(char **words)
{
	const char *list = words[0], *key_text = words[1], *name = words[2];
	struct complaint complaint;
	uint8_t key[NOISE_KEY_BYTES];

	if (key_parse(key_text, strlen(key_text), key)) {
		complaint_print(&complaint, -EINVAL,
			"'%s' is not a public key (44 base64 characters)",
			key_text);
		edit_say(MARK_ERROR, complaint.text);
		return EXIT_WRONG_USAGE;
	}
	if (authorized_add(list, key, name, PATIENCE_MS, &complaint)) {
		edit_say(MARK_ERROR, complaint.text);
		return EXIT_FAILURE;
	}
	complaint_print(&complaint, 0,
		"\"%s\" added to %s; the server reads it on SIGHUP", name,
		list);
	edit_say(MARK_NOTICE, complaint.text);
	return EXIT_SUCCESS;
}
