// SPDX-License-Identifier: MIT
/*
 * A program's options as a table: one row says how an option is spelt, what
 * it takes, within which bounds, where the value goes and what --help says of
 * it. getopt_long(3) does the walking. Knows no particular option, prints only
 * where it is told to, never exits. Used by every program.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"
#include "base/complaint.h"

struct option_row;

/* Reads text into the row's value: 0, or -EINVAL and nothing is changed. */
typedef int option_parser(const struct option_row *row, const char *text);

struct option_row {
	char letter;          /* 0: there is no short form */
	const char *name;     /* the long form, without dashes */
	const char *argument; /* as --help calls it; NULL: takes none */
	option_parser *parse;
	void *value; /* what the parser says it points at */
	double min, max;
	const char *help; /* the default included */
};

option_parser option_flag;    /* bool: becomes true */
option_parser option_text;    /* const char *: the argument, not a copy */
option_parser option_number;  /* long */
option_parser option_seconds; /* unsigned: milliseconds, from "2" or "0.5" */
option_parser option_choice;  /* int: place in argument, "one|two|three" */
option_parser option_word;    /* the same, in any mixture of case */
option_parser option_list;    /* struct option_list: may be given again */

enum { OPTIONS_LIST_MAX = 64 };

/* The arguments of an option that may be given more than once, in order. */
struct option_list {
	size_t count;
	const char *texts[OPTIONS_LIST_MAX]; /* the arguments, not copies */
};

struct options {
	const char *program;
	const char *usage; /* what follows the program's name, a form a line */
	const char *purpose; /* one sentence */
	const struct option_row *rows;
	size_t count;
	int least, most;      /* how many words that are no options */
	const char *examples; /* a command and what it does, a line each */
	const char *more;     /* closes --help */
	/*
	 * Reads the words, and checks what the options say together: 0, or an
	 * error and a complaint. NULL: there is nothing to check.
	 */
	int (*check)(char **words, int count, struct complaint *complaint);
	int cannot_start; /* the exit status then */
};

enum {
	OPTIONS_HELP = -1,    /* --help was asked for */
	OPTIONS_VERSION = -2, /* --version was asked for */
	/* See the complaint. */
	OPTIONS_WRONG = -3,
	OPTIONS_MUTE = -4,         /* --help cannot be written */
	OPTIONS_CANNOT_START = -5, /* there are no standard streams */
	OPTIONS_MAX = 32,
};

/*
 * An option that is given twice is an error unless it is a list: which of the
 * two was meant? Returns the index in argv of the first word that is no option
 * (they have been moved behind the options), or one of the above.
 */
MUST_CHECK int options_parse(const struct options *o, int argc, char **argv,
	struct complaint *complaint);

/*
 * Was --help or --version asked for? Then it is written to out. --help is made
 * of the same rows.
 */
MUST_CHECK bool options_answer(const struct options *o, int result, FILE *out);

/*
 * What every main() begins with: standard streams, options and their check;
 * --help and --version are answered on out. The index in argv of the first word
 * that is no option, or one of the above, with a complaint to be printed unless
 * it is empty.
 */
MUST_CHECK int options_begin(const struct options *o, int argc, char **argv,
	FILE *out, struct complaint *complaint);

/* The exit status of a program that ends with such a result. */
int options_status(const struct options *o, int result);
