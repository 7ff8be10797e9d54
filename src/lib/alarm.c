// SPDX-License-Identifier: MIT
#include "lib/alarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "lib/handle.h"

/* Quoted for a shell. */
static void print_quoted(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._/:%@+-";

	if (*word && !word[strspn(word, plain)]) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	fputc('\'', out);
}

static void print_command(FILE *out, const struct secure *s, const char *path)
{
	char usual[PATHS_BYTES];

	fputs("    ", out);
	if (path == trust_system_file && !os_is_privileged())
		fputs("sudo ", out);
	fputs("smx-keygen --forget ", out);
	if (trust_default(usual) || strcmp(path, usual) != 0) {
		fputs("--known-servers ", out);
		print_quoted(out, path);
		fputc(' ', out);
	}
	print_quoted(out, s->host);
	fprintf(out, " %u\n", s->port);
}

static void print_expected(FILE *out, const struct trust_key *k)
{
	char text[KEY_TEXT_BYTES];

	fprintf(out, "Expected:  %s", key_format(k->key, text));
	if (k->path)
		fprintf(out, " (%s, line %u)\n", k->path, k->line);
	else
		fputs(" (the key given)\n", out);
}

static void print_alarm(FILE *out, const struct secure *s)
{
	const struct trust_keys *known = &s->expected;
	const char *last = NULL;

	fputs("WARNING: THE SERVER'S KEY HAS CHANGED\n"
	      "Someone may be intercepting this connection, or the server has "
	      "a new key.\n",
		out);
	for (size_t i = 0; i < known->count; i++)
		print_expected(out, &known->keys[i]);
	fprintf(out, "Presented: %s\n", s->server_key);
	fputs("Ask the server's operator. If the key was really replaced, ",
		out);
	fputs(s->pinned.count ? "give the new one.\n" : "forget the old one:\n",
		out);
	/* The lines of a file are adjacent. */
	for (size_t i = 0; i < known->count; i++) {
		const char *path = known->keys[i].path;

		if (path && path != last)
			print_command(out, s, path);
		last = path;
	}
}

char *alarm_text(const struct secure *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_alarm(out, s);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
