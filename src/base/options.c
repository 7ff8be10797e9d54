// SPDX-License-Identifier: MIT
#include "base/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/complaint.h"
#include "base/os.h"

enum {
	CODE_HELP = 1000, /* above every letter */
	CODE_VERSION,
	CODE_ROW, /* this plus the row's index */
};

/* In --help: a longer spelling has a line of its own. */
enum { SPELLING_WIDTH = 26 };

int option_flag(const struct option_row *row, const char *text)
{
	(void)text;
	*(bool *)row->value = true;
	return 0;
}

int option_text(const struct option_row *row, const char *text)
{
	if (!*text)
		return -EINVAL;
	*(const char **)row->value = text;
	return 0;
}

/* Digits only: strtol and strtod would take " +7" and "inf" as well. */
static bool is_plain_number(const char *text, const char *alphabet)
{
	return *text && text[strspn(text, alphabet)] == '\0' &&
	       strchr(text, '.') == strrchr(text, '.') &&
	       strspn(text, ".") != strlen(text);
}

static int number_within(
	const struct option_row *row, const char *text, double *number)
{
	*number = strtod(text, NULL);
	return *number < row->min || *number > row->max ? -EINVAL : 0;
}

int option_number(const struct option_row *row, const char *text)
{
	double number;

	if (!is_plain_number(text, "0123456789") ||
		number_within(row, text, &number))
		return -EINVAL;
	*(long *)row->value = (long)number;
	return 0;
}

int option_seconds(const struct option_row *row, const char *text)
{
	double number;

	if (!is_plain_number(text, "0123456789.") ||
		number_within(row, text, &number))
		return -EINVAL;
	/* Zero may have a meaning of its own. */
	if (number > 0 && number < 0.001)
		number = 0.001;
	*(unsigned *)row->value = (unsigned)(number * 1000 + 0.5);
	return 0;
}

static char as_it_is(char c)
{
	return c;
}

/* Letters are compared after fold(). */
static int choose(
	const struct option_row *row, const char *text, char (*fold)(char c))
{
	const char *word = row->argument;

	for (int place = 0;; place++) {
		size_t n = strcspn(word, "|"), same = 0;

		while (same < n && fold(text[same]) == fold(word[same]))
			same++;
		if (same == n && !text[n]) {
			*(int *)row->value = place;
			return 0;
		}
		if (!word[n])
			return -EINVAL;
		word += n + 1;
	}
}

int option_choice(const struct option_row *row, const char *text)
{
	return choose(row, text, as_it_is);
}

int option_word(const struct option_row *row, const char *text)
{
	return choose(row, text, ascii_lower);
}

int option_list(const struct option_row *row, const char *text)
{
	struct option_list *list = row->value;

	if (!*text || list->count == OPTIONS_LIST_MAX)
		return -EINVAL;
	list->texts[list->count++] = text;
	return 0;
}

/* Fills in what getopt_long needs, from the rows. */
static void describe(const struct options *o, struct option *lengthy,
	char letters[static 2 * OPTIONS_MAX + 4])
{
	char *letter = letters;
	size_t i;

	*letter++ = ':'; /* distinguishes a missing argument from an unknown
			    option */
	for (i = 0; i < o->count; i++) {
		const struct option_row *row = &o->rows[i];

		lengthy[i] = (struct option){
			.name = row->name,
			.has_arg =
				row->argument ? required_argument : no_argument,
			.val = CODE_ROW + (int)i,
		};
		if (row->letter)
			*letter++ = row->letter;
		if (row->letter && row->argument)
			*letter++ = ':';
	}
	lengthy[i++] = (struct option){ "help", no_argument, 0, CODE_HELP };
	lengthy[i++] =
		(struct option){ "version", no_argument, 0, CODE_VERSION };
	lengthy[i] = (struct option){ 0 };
	*letter++ = 'h';
	*letter = '\0';
}

static const struct option_row *row_of(const struct options *o, int code)
{
	if (code >= CODE_ROW)
		return &o->rows[code - CODE_ROW];
	for (size_t i = 0; i < o->count; i++)
		if (o->rows[i].letter == code)
			return &o->rows[i];
	return NULL;
}

static int complain_of_value(struct complaint *complaint,
	const struct option_row *row, const char *text)
{
	char number[64];

	snprintf(number, sizeof(number), "a number from %.10g to %.10g",
		row->min, row->max);
	return complaint_print(complaint, OPTIONS_WRONG,
		"option '--%s': '%s' is not %s", row->name, text,
		row->parse == option_choice || row->parse == option_word
			? row->argument
		: row->parse == option_number || row->parse == option_seconds
			? number
			: "a valid value");
}

/* The word that getopt_long has just rejected. */
static const char *refused_word(char **argv)
{
	static char letter[6];

	if (!optopt || optopt >= CODE_HELP)
		return argv[optind - 1];
	/* It may be only a part of a character. */
	snprintf(letter, sizeof(letter), optopt & 0x80 ? "-\\x%02x" : "-%c",
		optopt & 0xff);
	return letter;
}

/* getopt_long reports these in the same way as unknown options. */
static bool is_ambiguous(const struct option *lengthy, const char *word)
{
	size_t n = strcspn(word, "=");

	if (optopt || n < 3)
		return false;
	for (; lengthy->name; lengthy++)
		if (!strncmp(lengthy->name, word + 2, n - 2))
			return true;
	return false;
}

/* Reads one option's argument; was_given says for each row if it was seen. */
static int take(const struct options *o, const struct option_row *row,
	bool *was_given, struct complaint *complaint)
{
	bool *given = &was_given[row - o->rows];

	if (*given && row->parse != option_list)
		return complaint_print(complaint, OPTIONS_WRONG,
			"option '--%s' is given more than once", row->name);
	*given = true;
	return row->parse(row, optarg)
		       ? complain_of_value(complaint, row, optarg)
		       : 0;
}

int options_parse(const struct options *o, int argc, char **argv,
	struct complaint *complaint)
{
	struct option lengthy[OPTIONS_MAX + 3];
	char letters[2 * OPTIONS_MAX + 4];
	bool was_given[OPTIONS_MAX] = { false };
	int code;

	assert(o->count <= OPTIONS_MAX);
	describe(o, lengthy, letters);
	opterr = 0;
	while ((code = getopt_long(argc, argv, letters, lengthy, NULL)) != -1) {
		if (code == CODE_HELP || code == 'h')
			return OPTIONS_HELP;
		if (code == CODE_VERSION)
			return OPTIONS_VERSION;
		if (code == '?' || code == ':')
			return complaint_print(complaint, OPTIONS_WRONG,
				code == ':' ? "option '%s' requires a value"
				: optopt >= CODE_HELP
					? "option '%s' takes no value"
				: is_ambiguous(lengthy, argv[optind - 1])
					? "option '%s' is ambiguous"
					: "unknown option '%s'",
				refused_word(argv));
		if (take(o, row_of(o, code), was_given, complaint))
			return OPTIONS_WRONG;
	}
	if (argc - optind < o->least)
		return complaint_print(
			complaint, OPTIONS_WRONG, "missing operand");
	if (argc - optind > o->most)
		return complaint_print(complaint, OPTIONS_WRONG,
			"unexpected operand '%s'", argv[optind + o->most]);
	return optind;
}

static void help_row(FILE *out, char letter, const char *name,
	const char *argument, const char *help)
{
	char spelling[64];

	snprintf(spelling, sizeof(spelling), "%c%c%s --%s%s%s",
		letter ? '-' : ' ', letter ? letter : ' ', letter ? "," : " ",
		name, argument ? " " : "", argument ? argument : "");
	if (strlen(spelling) > SPELLING_WIDTH)
		fprintf(out, "  %s\n  %*s  %s\n", spelling, SPELLING_WIDTH, "",
			help);
	else
		fprintf(out, "  %-*s  %s\n", SPELLING_WIDTH, spelling, help);
}

static void write_help(const struct options *o, FILE *out)
{
	fprintf(out, "Usage: %s %s\n%s\n\n", o->program, o->usage, o->purpose);
	for (size_t i = 0; i < o->count; i++)
		help_row(out, o->rows[i].letter, o->rows[i].name,
			o->rows[i].argument, o->rows[i].help);
	help_row(out, 'h', "help", NULL, "show this help and exit");
	help_row(out, 0, "version", NULL, "show the version and exit");
	fprintf(out, "\nExamples:\n%s\n%s", o->examples, o->more);
}

bool options_answer(const struct options *o, int result, FILE *out)
{
	if (result == OPTIONS_HELP)
		write_help(o, out);
	else if (result == OPTIONS_VERSION)
		fprintf(out, "%s %s\n", o->program, SMX_VERSION);
	else
		return false;
	return true;
}

/* Points to the help after a usage error. */
static int point_to_help(const struct options *o, struct complaint *complaint)
{
	const struct complaint wrong = *complaint;

	return complaint_print(complaint, OPTIONS_WRONG, "%s (see %s --help)",
		wrong.text, o->program);
}

int options_begin(const struct options *o, int argc, char **argv, FILE *out,
	struct complaint *complaint)
{
	int first;

	complaint->text[0] = '\0';
	if (!os_hold_streams())
		return complaint_print(complaint, OPTIONS_CANNOT_START,
			"Cannot start: %s", strerror(errno));
	first = options_parse(o, argc, argv, complaint);
	if (options_answer(o, first, out))
		return fflush(out)
			       ? complaint_print(complaint, OPTIONS_MUTE,
					 "Cannot write: %s", strerror(errno))
			       : first;
	if (first >= 0 && o->check &&
		o->check(argv + first, argc - first, complaint))
		first = OPTIONS_WRONG;
	return first < 0 ? point_to_help(o, complaint) : first;
}

int options_status(const struct options *o, int result)
{
	static const int statuses[] = {
		[-OPTIONS_WRONG] = 2,
		[-OPTIONS_MUTE] = 1,
	};

	return result == OPTIONS_CANNOT_START ? o->cannot_start
					      : statuses[-result];
}
