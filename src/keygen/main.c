// SPDX-License-Identifier: MIT
/*
 * smx-keygen: makes an identity, shows the public half of one, forgets a server
 * or authorizes a client.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "base/os.h"
#include "base/os_signals.h"
#include "base/terminal.h"
#include "crypto/random.h"
#include "keygen/edit.h"
#include "lib/files.h"
#include "lib/identity.h"

static bool wants_public, wants_forget, wants_authorize;
static const char *known_servers;

static const struct option_row rows[] = {
	{ 0, "public", NULL, option_flag, &wants_public, 0, 0,
		"print the public key in FILE; create nothing" },
	{ 0, "forget", NULL, option_flag, &wants_forget, 0, 0,
		"remove a server's keys from known_servers" },
	{ 0, "authorize", NULL, option_flag, &wants_authorize, 0, 0,
		"add a client's public KEY to a server's LIST" },
	{ 0, "known-servers", "FILE", option_text, &known_servers, 0, 0,
		"with --forget: use FILE instead of the user's" },
};

static const struct options options = {
	.program = "smx-keygen",
	.usage = "[--public] FILE\n"
		 "       smx-keygen --forget [--known-servers FILE] HOST PORT\n"
		 "       smx-keygen --authorize LIST KEY NAME",
	.purpose = "Creates a key file for an smx server or client, and prints "
		   "its public key.",
	.rows = rows,
	.count = COUNT_OF(rows),
	.least = 1,
	.most = 3,
	.examples =
		"  smx-keygen server.key                  create a key file\n"
		"  smx-keygen --public server.key         print its public key\n"
		"  smx-keygen --forget localhost 1337     "
		"the server has a new key\n",
	.more = "If FILE is -, the private key goes to stdout and the public "
		"key to stderr.\nSee smx-keygen(1).\n",
};

static void print_key(FILE *out, const uint8_t *key)
{
	char text[KEY_TEXT_BYTES];

	fprintf(out, "%s\n", key_format(key, text));
	sodium_memzero(text, sizeof(text));
}

/* Who could see what is about to be written to stdout? */
static void warn_of_readers(void)
{
	if (terminal_is(STDOUT_FILENO))
		say(MARK_NOTICE, "Private key printed on a terminal; consider "
				 "giving a FILE");
	else if (os_is_public_file(STDOUT_FILENO))
		say(MARK_NOTICE, "Private key written to a file that other "
				 "users can read; run chmod 600 on it, or "
				 "give a FILE");
}

/* As a filter: the secret may leave on stdout, and nowhere else. */
static int make_for_stdout(struct complaint *complaint)
{
	struct noise_identity *identity = identity_draw();

	if (!identity)
		return complaint_print(complaint, -ENOMEM, "Out of memory");
	warn_of_readers();
	setvbuf(stdout, NULL, _IONBF, 0); /* leaves no copy in a buffer */
	print_key(stdout, identity->secret);
	print_key(stderr, identity->public);
	key_pair_free(identity);
	return 0;
}

static int make_or_show(const char *path, struct complaint *complaint)
{
	struct noise_identity *identity;
	int error = wants_public ? identity_load(path, &identity, complaint)
				 : identity_make(path, &identity, complaint);

	if (error)
		return error;
	print_key(stdout, identity->public);
	key_pair_free(identity);
	return 0;
}

/* The words that are no options: a complaint about them, or NULL. */
static const char *contradiction(char **words, int count)
{
	if (known_servers && !wants_forget)
		return "--known-servers requires --forget";
	if (wants_public + wants_forget + wants_authorize > 1)
		return "--public, --forget and --authorize cannot be combined";
	if (wants_authorize && count != 3)
		return "--authorize requires LIST KEY NAME";
	if (!wants_forget && !wants_authorize && count > 1)
		return "only --forget and --authorize take several operands";
	if (!*words[0])
		return "the name of FILE is empty";
	return NULL;
}

static void on_signal(int number)
{
	files_abandon();
	os_signals_die(number);
}

static void heed_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (os_signals_is_default(numbers[i]))
			os_signals_catch(numbers[i], on_signal);
}

int main(int argc, char **argv)
{
	struct complaint complaint;
	int first;
	int error;

	if (!os_hold_streams()) {
		say(MARK_ERROR, strerror(errno));
		return EXIT_FAILURE;
	}
	first = options_parse(&options, argc, argv, &complaint);
	if (options_answer(&options, first, stdout)) {
		if (!fflush(stdout))
			return EXIT_SUCCESS;
		complaint_print(
			&complaint, 0, "Cannot write: %s", strerror(errno));
		say(MARK_ERROR, complaint.text);
		return EXIT_FAILURE;
	}
	if (first >= 0 && contradiction(argv + first, argc - first))
		first = complaint_print(&complaint, OPTIONS_WRONG, "%s",
			contradiction(argv + first, argc - first));
	if (first < 0) {
		struct complaint whole;

		complaint_print(&whole, 0, "%s (see smx-keygen --help)",
			complaint.text);
		say(MARK_ERROR, whole.text);
		return EXIT_WRONG_USAGE;
	}
	os_forbid_dumps();
	heed_signals();
	if (crypto_init()) {
		say(MARK_ERROR, "No system random source");
		return EXIT_FAILURE;
	}
	if (wants_forget)
		return edit_forget(known_servers, argv + first, argc - first);
	if (wants_authorize)
		return edit_authorize(argv + first);
	if (!strcmp(argv[first], "-") && !wants_public)
		error = make_for_stdout(&complaint);
	else
		error = make_or_show(argv[first], &complaint);
	if (!error && (fflush(stdout) || ferror(stdout))) {
		error = -EIO;
		/* The file stays: it may be in use already. */
		if (!wants_public && strcmp(argv[first], "-") != 0)
			complaint_print(&complaint, 0,
				"%s was created, but its public key could not "
				"be printed: %s; smx-keygen --public prints it",
				argv[first], strerror(errno));
		else
			complaint_print(&complaint, 0,
				"Cannot write the key: %s", strerror(errno));
	}
	if (error)
		say(MARK_ERROR, complaint.text);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
