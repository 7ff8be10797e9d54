// SPDX-License-Identifier: MIT
/*
 * smx-keygen: makes an identity, or shows the public half of one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mark.h"
#include "base/options.h"
#include "crypto/random.h"
#include "lib/identity.h"

enum { EXIT_WRONG_USAGE = 2 };

static bool wants_public;

static const struct option_row rows[] = {
	{ 0, "public", NULL, option_flag, &wants_public, 0, 0,
		"show the public key of FILE, make nothing" },
};

static const struct options options = {
	.program = "smx-keygen",
	.usage = "[--public] FILE",
	.purpose = "Makes the identity of an smx server or client, and shows "
		   "its public key.",
	.rows = rows,
	.count = COUNT_OF(rows),
	.least = 1,
	.most = 1,
	.more = "With - for FILE the private key goes to stdout, the public "
		"one to stderr.\nSee smx-keygen(1).\n",
};

static void say(enum mark mark, const char *text)
{
	mark_print(STDERR_FILENO, mark,
		mark_wants_colour(MARK_COLOURS_AUTO, STDERR_FILENO), "%s",
		text);
}

static void print_key(FILE *out, const uint8_t *key)
{
	char text[KEY_TEXT_BYTES];

	fprintf(out, "%s\n", key_format(key, text));
	explicit_bzero(text, sizeof(text));
}

/* Who could see what is about to be written to stdout? */
static void warn_of_readers(void)
{
	struct stat status;

	if (isatty(STDOUT_FILENO))
		say(MARK_NOTICE, "This is a private key, and it is now on a "
				 "screen: better give a FILE");
	else if (fstat(STDOUT_FILENO, &status) == 0 &&
		 S_ISREG(status.st_mode) && (status.st_mode & 0077))
		say(MARK_NOTICE, "Others can read the file that the private "
				 "key goes to: chmod 600, or give a FILE");
}

/* As a filter: the secret may leave on stdout, and nowhere else. */
static int make_for_stdout(char *complaint)
{
	struct noise_identity *identity = identity_draw();

	if (!identity) {
		snprintf(complaint, FILES_COMPLAINT_BYTES, "Out of memory");
		return -ENOMEM;
	}
	warn_of_readers();
	setvbuf(stdout, NULL, _IONBF, 0); /* leaves no copy in a buffer */
	print_key(stdout, identity->secret);
	print_key(stderr, identity->public);
	key_pair_free(identity);
	return 0;
}

static int make_or_show(const char *path, char *complaint)
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

int main(int argc, char **argv)
{
	char complaint[FILES_COMPLAINT_BYTES];
	int first;
	int error;

	if (!options_hold_streams())
		return EXIT_FAILURE;
	first = options_parse(&options, argc, argv, complaint);
	if (options_answer(&options, first, stdout)) {
		if (!fflush(stdout))
			return EXIT_SUCCESS;
		snprintf(complaint, sizeof(complaint), "Cannot write: %s",
			strerror(errno));
		say(MARK_ERROR, complaint);
		return EXIT_FAILURE;
	}
	if (first >= 0 && !*argv[first]) {
		snprintf(complaint, sizeof(complaint), "'' is no FILE");
		first = OPTIONS_WRONG;
	}
	if (first < 0) {
		say(MARK_ERROR, complaint);
		return EXIT_WRONG_USAGE;
	}
	key_forbid_dumps();
	if (crypto_init()) {
		say(MARK_ERROR, "No system random source");
		return EXIT_FAILURE;
	}
	if (!strcmp(argv[first], "-") && !wants_public)
		error = make_for_stdout(complaint);
	else
		error = make_or_show(argv[first], complaint);
	if (!error && (fflush(stdout) || ferror(stdout))) {
		error = -EIO;
		/* The file stays: it may be in use already. */
		if (!wants_public && strcmp(argv[first], "-") != 0)
			snprintf(complaint, sizeof(complaint),
				"%s was made, but its public key cannot be "
				"written: %s; smx-keygen --public shows it",
				argv[first], strerror(errno));
		else
			snprintf(complaint, sizeof(complaint),
				"Cannot write the key: %s", strerror(errno));
	}
	if (error)
		say(MARK_ERROR, complaint);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
