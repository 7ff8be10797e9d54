// SPDX-License-Identifier: MIT
#include "proto/command.h"

#include <string.h>

const uint8_t reply_error[REPLY_ERROR_BYTES] = { 0xde, 0xad, 0xbe, 0xef };

/* A word as a number, its first letter lowest, on any machine. */
#define WORD(a, b, c, d)                                                       \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |            \
		(uint32_t)(d) << 24)

/*
 * A reply's form: the greatest character of each place, and two-digit fields
 * with the first value that is too much. TEMP has no fixed form.
 */
struct field {
	uint8_t at;
	char least[3], beyond[3];
};

/* clang-format off */
static const struct command_row {
	uint32_t word, whole; /* the word, and which of its bytes count */
	uint8_t length;
	const char *text;
	const char *form;
	struct field fields[3];
} commands[] = {
	[COMMAND_TIME] = { WORD('T', 'I', 'M', 'E'), ~0u, 4, "TIME",
		"29:59:69.999999",
		{ { 0, "00", "24" }, { 3, "00", "60" }, { 6, "00", "61" } } },
	[COMMAND_DATE] = { WORD('D', 'A', 'T', 'E'), ~0u, 4, "DATE",
		"9999-19-39",
		{ { 0, "00", "::" }, { 5, "01", "13" }, { 8, "01", "32" } } },
	[COMMAND_TEMP] = { WORD('T', 'E', 'M', 'P'), ~0u, 4, "TEMP",
		"", { { 0 } } },
	[COMMAND_END]  = { WORD('E', 'N', 'D', 0), 0xffffff, 3, "END",
		"", { { 0 } } },
};
/* clang-format on */

enum match command_match(const uint8_t *text, size_t n, enum command *command)
{
	uint32_t word, seen = UINT32_MAX;

	if (n >= COMMAND_BYTES) {
		word = WORD(text[0], text[1], text[2], text[3]);
	} else {
		word = 0;
		for (size_t i = 0; i < n; i++)
			word |= (uint32_t)text[i] << 8 * i;
		seen = ((uint32_t)1 << 8 * n) - 1;
	}
	/* Clearing bit 5 makes capitals; nothing but a letter becomes one. */
	word &= 0xdfdfdfdf;
	for (size_t i = 0; seen && i < COUNT_OF(commands); i++) {
		const struct command_row *row = &commands[i];

		if ((word ^ row->word) & row->whole & seen)
			continue;
		if (seen < row->whole)
			return MATCH_PREFIX;
		*command = (enum command)i;
		return MATCH_WORD;
	}
	return MATCH_NONE;
}

enum command command_parse(const uint8_t *text, size_t n)
{
	enum command command;

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
	return command < COUNT_OF(commands) ? commands[command].text : "";
}

size_t command_length(enum command command)
{
	return command < COUNT_OF(commands) ? commands[command].length : 0;
}

size_t command_reply_bytes(enum command command)
{
	return strlen(commands[command].form);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Digits, or minus and digits, from TEMP_MIN to TEMP_MAX. */
static enum fit fit_number(const uint8_t *text, size_t n)
{
	bool minus = n && text[0] == '-';
	size_t digits = n - minus;

	for (size_t i = minus; i < n; i++)
		if (!is_digit(text[i]))
			return FIT_NONE;
	if (digits > (minus ? 3 : 4))
		return FIT_NONE;
	return digits ? FIT_PERHAPS : FIT_PARTLY;
}

static enum fit fit_form(
	const struct command_row *row, const uint8_t *text, size_t n)
{
	size_t whole = strlen(row->form);

	if (n > whole)
		return FIT_NONE;
	for (size_t i = 0; i < n; i++) {
		uint8_t most = (uint8_t)row->form[i];

		if (is_digit(most) ? text[i] < '0' || text[i] > most
				   : text[i] != most)
			return FIT_NONE;
	}
	for (size_t i = 0; i < COUNT_OF(row->fields); i++) {
		const struct field *f = &row->fields[i];

		if (f->at + 2u <= n &&
			(memcmp(text + f->at, f->least, 2) < 0 ||
				memcmp(text + f->at, f->beyond, 2) >= 0))
			return FIT_NONE;
	}
	return n == whole ? FIT_WHOLE : FIT_PARTLY;
}

enum fit command_fit(enum command command, const uint8_t *text, size_t n)
{
	enum fit fit;

	if (command == COMMAND_TEMP)
		return fit_number(text, n);
	fit = fit_form(&commands[command], text, n);
	/* "HH:MM:SS" alone: the original, at microsecond 0. */
	if (command == COMMAND_TIME && n == TIME_SHORT_BYTES &&
		fit == FIT_PARTLY)
		return FIT_PERHAPS;
	return fit;
}

bool command_is_reply(enum command command, const uint8_t *text, size_t n)
{
	enum fit fit;

	if (n == sizeof(reply_error) && !memcmp(text, reply_error, n))
		return true;
	fit = command_fit(command, text, n);
	/* Told whole, a time has its six digits; only a number may end early.
	 */
	return fit == FIT_WHOLE ||
	       (fit == FIT_PERHAPS && command == COMMAND_TEMP);
}
