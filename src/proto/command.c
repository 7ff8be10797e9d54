// SPDX-License-Identifier: MIT
#include "proto/command.h"

#include <string.h>

const uint8_t reply_error[REPLY_ERROR_BYTES] = { 0xde, 0xad, 0xbe, 0xef };

/*
 * A two-digit field of a text: its place, and the first value that is too
 * large.
 */
struct field {
	uint8_t at;
	char least[3], beyond[3];
};

/*
 * The form of a reply: a text of fixed length, with the greatest character for
 * each place and its fields; or a decimal integer within bounds; or, with
 * neither, no reply.
 */
struct form {
	char text[REPLY_MAX + 1];
	uint8_t early; /* the original may end the text after this many bytes */
	struct field fields[3];
	int min, max;
};

/* A word and its length, which is from least to COMMAND_MAX. */
#define WORD(text, least)                                                      \
	text, sizeof(struct {                                                  \
		_Static_assert(                                                \
			sizeof(text) > (least), "longer, or COMMAND_LEAST");   \
		_Static_assert(sizeof(text) <= COMMAND_MAX + 1, "shorter");    \
		char word[sizeof(text) - 1];                                   \
	})

/* clang-format off */
static const struct command_row {
	char word[COMMAND_MAX + 1]; /* no word is a prefix of another */
	uint8_t length;
	struct form form;
} commands[] = {
	[COMMAND_TIME] = { WORD("TIME", COMMAND_LEAST), { .text = "29:59:69.999999", .early = 8,
		.fields = { { 0, "00", "24" }, { 3, "00", "60" }, { 6, "00", "61" } } } },
	[COMMAND_DATE] = { WORD("DATE", COMMAND_LEAST), { .text = "9999-19-39",
		.fields = { { 0, "00", "::" }, { 5, "01", "13" }, { 8, "01", "32" } } } },
	[COMMAND_TEMP] = { WORD("TEMP", COMMAND_LEAST), { .min = TEMP_MIN, .max = TEMP_MAX } },
	[COMMAND_END]  = { WORD("END", 1),  { .text = "" } },
};
/* clang-format on */

_Static_assert(COUNT_OF(commands) == COMMAND_UNKNOWN, "a row each");
_Static_assert((int)COMMAND_ASKED == COUNT_OF(commands) - 1, "END comes last");

/* Clearing bit 5 makes capitals; only letters become capitals. */
static const uint32_t capitals = 0xdfdfdfdf;

/* Are the first n bytes those of the word, in any case? */
static bool begins(const uint8_t *text, const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((text[i] & (uint8_t)capitals) != (uint8_t)word[i])
			return false;
	return true;
}

enum match command_match(const uint8_t *text, size_t n, enum command *command)
{
	for (size_t i = 0; n && i < COUNT_OF(commands); i++) {
		size_t length = commands[i].length;

		if (!begins(text, commands[i].word, min_size(n, length)))
			continue;
		if (n < length)
			return MATCH_PREFIX;
		*command = (enum command)i;
		return MATCH_WORD;
	}
	return MATCH_NONE;
}

bool command_match_short(
	const uint8_t text[static COMMAND_SHORT], enum command *command)
{
	uint32_t word, row;

	memcpy(&word, text, sizeof(word));
	word &= capitals;
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		memcpy(&row, commands[i].word, sizeof(row));
		if (word == row && commands[i].length == COMMAND_SHORT) {
			*command = (enum command)i;
			return true;
		}
	}
	return false;
}

enum command command_parse(const uint8_t *text, size_t n)
{
	enum command command;

	if (n == COMMAND_SHORT && command_match_short(text, &command))
		return command;
	for (; n && is_white(text[0]); n--)
		text++;
	while (n && is_white(text[n - 1]))
		n--;
	if (command_match(text, n, &command) == MATCH_WORD &&
		command_length(command) == n)
		return command;
	return COMMAND_UNKNOWN;
}

const char *command_word(enum command command)
{
	return command < COUNT_OF(commands) ? commands[command].word : "";
}

size_t command_length(enum command command)
{
	return command < COUNT_OF(commands) ? commands[command].length : 0;
}

size_t command_reply_bytes(enum command command)
{
	return strlen(commands[command].form.text);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/*
 * An optional minus and digits, no more than the bound has, within the bounds.
 */
static enum fit fit_number(
	const struct form *form, const uint8_t *text, size_t n)
{
	bool minus = n && text[0] == '-';
	long most = minus ? -(long)form->min : form->max;
	long least = minus ? -(long)form->max : form->min;
	long number = 0, digits = 1;

	if (most < 0)
		return FIT_NONE;
	for (size_t i = minus; i < n; i++, digits *= 10) {
		if (!is_digit(text[i]) || digits > most)
			return FIT_NONE;
		number = 10 * number + (text[i] - '0');
		if (number > most)
			return FIT_NONE;
	}
	return n > minus && number >= least ? FIT_PERHAPS : FIT_PARTLY;
}

static enum fit fit_text(const struct form *form, const uint8_t *text, size_t n)
{
	size_t whole = strlen(form->text);

	if (n > whole)
		return FIT_NONE;
	for (size_t i = 0; i < n; i++) {
		uint8_t most = (uint8_t)form->text[i];

		if (is_digit(most) ? text[i] < '0' || text[i] > most
				   : text[i] != most)
			return FIT_NONE;
	}
	for (size_t i = 0; i < COUNT_OF(form->fields); i++) {
		const struct field *f = &form->fields[i];

		if (*f->beyond && f->at + 2u <= n &&
			(memcmp(text + f->at, f->least, 2) < 0 ||
				memcmp(text + f->at, f->beyond, 2) >= 0))
			return FIT_NONE;
	}
	if (n == whole)
		return FIT_WHOLE;
	return n && n == form->early ? FIT_PERHAPS : FIT_PARTLY;
}

enum fit command_fit(enum command command, const uint8_t *text, size_t n)
{
	const struct form *form = &commands[command].form;

	return *form->text ? fit_text(form, text, n)
			   : fit_number(form, text, n);
}

bool command_is_reply(enum command command, const uint8_t *text, size_t n)
{
	enum fit fit;

	if (n == sizeof(reply_error) && !memcmp(text, reply_error, n))
		return true;
	fit = command_fit(command, text, n);
	/* A complete text has all its places; only a number may end early. */
	return fit == FIT_WHOLE ||
	       (fit == FIT_PERHAPS && !command_reply_bytes(command));
}
