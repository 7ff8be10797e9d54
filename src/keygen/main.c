// SPDX-License-Identifier: MIT
/*
 * smx-keygen: creates a key file, prints its public key, forgets a server or
 * authorizes a client.
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
#include "crypto/random.h"
#include "keygen/edit.h"
#include "lib/files.h"
#include "lib/identity.h"
#include "terminal/terminal.h"

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

static int check(char **words, int count, struct complaint *complaint)
{
	const char *wrong = NULL;

	if (known_servers && !wants_forget)
		wrong = "--known-servers requires --forget";
	else if (wants_public + wants_forget + wants_authorize > 1)
		wrong = "--public, --forget and --authorize cannot be combined";
	else if (wants_authorize && count != 3)
		wrong = "--authorize requires LIST KEY NAME";
	else if (!wants_forget && !wants_authorize && count > 1)
		wrong = "only --forget and --authorize take several operands";
	else if (!*words[0])
		wrong = "the name of FILE is empty";
	return wrong ? complaint_print(complaint, OPTIONS_WRONG, "%s", wrong)
		     : 0;
}

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
	.check = check,
	.cannot_start = EXIT_FAILURE,
};

static void print_key(FILE *out, const uint8_t *key)
{
	char text[KEY_TEXT_BYTES];

	fprintf(out, "%s\n", key_format(key, text));
	sodium_memzero(text, sizeof(text));
}

/* Warns if others could see what is about to be written to stdout. */
static void warn_of_readers(void)
{
	if (terminal_is(STDOUT_FILENO))
		edit_say(MARK_NOTICE,
			"Private key printed on a terminal; consider "
			"giving a FILE");
	else if (os_is_public_file(STDOUT_FILENO))
		edit_say(MARK_NOTICE,
			"Private key written to a file that other "
			"users can read; run chmod 600 on it, or "
			"give a FILE");
}

/* As a filter: the private key is written to stdout, and nowhere else. */
static int make_for_stdout(struct complaint *complaint)
{
	struct noise_identity *identity = identity_draw();

	if (!identity)
		return complaint_print(complaint, -ENOMEM, "Out of memory");
	warn_of_readers();
	setvbuf(stdout, NULL, _IONBF, 0); /* leaves no copy in a buffer */
	print_key(stdout, identity->secret);
	print_key(stderr, identity->public);
	key_identity_free(identity);
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
	key_identity_free(identity);
	return 0;
}

static void die_of_signal(int number)
{
	files_abandon();
	os_signals_die(number);
}

static void heed_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (os_signals_is_default(numbers[i]))
			os_signals_catch(numbers[i], die_of_signal);
	os_signals_ignore(SIGXFSZ);
}

/*
 * The public key could not be printed. The file stays: it may already be in
 * use.
 */
static int not_written(const char *path, struct complaint *complaint)
{
	if (wants_public || !strcmp(path, "-"))
		return complaint_print(complaint, -EIO,
			"Cannot write the key: %s", strerror(errno));
	return complaint_print(complaint, -EIO,
		"%s was created, but its public key could not be printed: %s; "
		"smx-keygen --public prints it",
		path, strerror(errno));
}

static int run_key(const char *path)
{
	struct complaint complaint;
	int error = !wants_public && !strcmp(path, "-")
			    ? make_for_stdout(&complaint)
			    : make_or_show(path, &complaint);

	if (!error && (fflush(stdout) || ferror(stdout)))
		error = not_written(path, &complaint);
	if (error)
		edit_say(MARK_ERROR, complaint.text);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(char **words, int count)
{
	os_forbid_dumps();
	heed_signals();
	if (crypto_init()) {
		edit_say(MARK_ERROR, "No system random source");
		return EXIT_FAILURE;
	}
	if (wants_forget)
		return edit_forget(known_servers, words, count);
	if (wants_authorize)
		return edit_authorize(words);
	return run_key(words[0]);
}

int main(int argc, char **argv)
{
	struct complaint complaint;
	int first = options_begin(&options, argc, argv, stdout, &complaint);

	if (first >= 0)
		return run(argv + first, argc - first);
	if (*complaint.text)
		edit_say(MARK_ERROR, complaint.text);
	return options_status(&options, first);
}
