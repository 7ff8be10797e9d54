// SPDX-License-Identifier: MIT
/*
 * A program's options as a table: a row gives the spelling of an option, its
 * argument, the bounds, where the value goes and the text for --help.
 * getopt_long(3) does the parsing. Knows no particular option, prints only
 * where it is told to, and never exits. Used by every program.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"
#include "base/complaint.h"

struct option_row;

/* Reads text into the row's value: 0, or -EINVAL with nothing changed. */
typedef int option_parser(const struct option_row *row, const char *text);

struct option_row {
	char letter;          /* 0: there is no short form */
	const char *name;     /* the long form, without dashes */
	const char *argument; /* as --help calls it; NULL: takes none */
	option_parser *parse;
	void *value; /* of the type that the parser requires */
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
	const char
		*usage; /* what follows the program's name, one form per line */
	const char *purpose; /* one sentence */
	const struct option_row *rows;
	size_t count;
	int least, most;      /* the number of operands */
	const char *examples; /* one command per line, and what it does */
	const char *more;     /* closes --help */
	/*
	 * Reads the operands and checks combinations of options: 0, or an error
	 * and a complaint. NULL if there is nothing to check.
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
 * It is an error to give an option twice, unless it is a list: it is not clear
 * which was meant. Returns the index in argv of the first operand (operands
 * have been moved after the options), or one of the above.
 */
MUST_CHECK int options_parse(const struct options *o, int argc, char **argv,
	struct complaint *complaint);

/*
 * If --help or --version was given, writes it to out and returns true. --help
 * is generated from the same rows.
 */
MUST_CHECK bool options_answer(const struct options *o, int result, FILE *out);

/*
 * The beginning of every main(): standard streams, options and their check;
 * --help and --version are answered on out. Returns the index in argv of the
 * first operand, or one of the above, with a complaint to be printed unless it
 * is empty.
 */
MUST_CHECK int options_begin(const struct options *o, int argc, char **argv,
	FILE *out, struct complaint *complaint);

/* The exit status of a program that ends with this result. */
int options_status(const struct options *o, int result);
