// SPDX-License-Identifier: MIT
/*
 * The lines that people see: a mark in brackets, then a message, both in the
 * mark's colour if colours are enabled. Knows neither files nor queues. Used by
 * the server's log and for everything the programs print on a terminal.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

enum mark {
	MARK_STATE,  /* [*] blue */
	MARK_TALK,   /* [-] cyan */
	MARK_NOTICE, /* [!] yellow */
	MARK_ERROR,  /* [X] red */
	MARK_DONE,   /* [#] green */
};

/* As in --color auto|always|never, in this order. */
enum mark_colours {
	MARK_COLOURS_AUTO,
	MARK_COLOURS_ALWAYS,
	MARK_COLOURS_NEVER
};

/* A line: a struct complaint in which many bytes are escapes. */
enum { MARK_LINE_BYTES = 4 * 4096 + 4096 };

/*
 * Are colours enabled on this descriptor? With auto: on a terminal, unless
 * NO_COLOR is set and not empty (no-color.org) or TERM is dumb.
 */
bool mark_wants_colour(enum mark_colours choice, int fd);

/*
 * Writes one whole line, newline included, and returns its length. A message
 * that is too long is cut between two characters. Control characters become
 * \xNN, so that no text from a peer or a file can control a terminal.
 */
size_t mark_format(char line[static MARK_LINE_BYTES], enum mark mark,
	bool colour, const char *format, va_list arguments) PRINTF_LIKE(4, 0);

/*
 * Writes all of it, waiting for a descriptor that accepts nothing now: 0 or
 * -errno. (Often the line reports a failure itself, and there is nobody left to
 * tell.)
 */
int mark_write(int fd, const char *text, size_t n);

/* Prints a line in this form, in one call if the descriptor accepts it. */
int mark_print(int fd, enum mark mark, bool colour, const char *format, ...)
	PRINTF_LIKE(4, 5);
int mark_vprint(int fd, enum mark mark, bool colour, const char *format,
	va_list arguments) PRINTF_LIKE(4, 0);

/* Prints each line of text in this form. */
int mark_print_lines(int fd, enum mark mark, bool colour, const char *text);
