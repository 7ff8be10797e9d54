// SPDX-License-Identifier: MIT
/*
 * The appearance of smx-client: every line it prints is made here. Results go
 * to stdout, in one of two forms; errors, and everything that the original does
 * not print, to stderr. Does not know when it is called or what follows. Used
 * by the files of this folder.
 */
#pragma once

#include <stdbool.h>

#include "base/mark.h"
#include "smx.h"

enum show_form {
	SHOW_LINES,  /* the original's lines, for people */
	SHOW_VALUES, /* one bare value per line, for scripts */
};

/* All zero is valid. */
struct show {
	enum show_form form;
	int colours;  /* enum mark_colours */
	bool is_mute; /* stdout has failed, which was reported once */
};

/* The results of smx_connect() and smx_reply(). */
void show_connection(struct show *s, const struct smx *smx);
void show_reply(struct show *s, const struct smx *smx, const char *text);

/* libsmx's message for its last failure; the second also shows its alarm. */
void show_message(struct show *s, const struct smx *smx);
void show_failure(struct show *s, const struct smx *smx);

/*
 * A line on stdout; text on stdout unchanged; a notice and an error on stderr.
 */
void show_line(struct show *s, enum mark mark, const char *format, ...)
	PRINTF_LIKE(3, 4);
void show_text(struct show *s, const char *text);
void show_notice(struct show *s, const char *format, ...) PRINTF_LIKE(2, 3);
void show_error(struct show *s, const char *format, ...) PRINTF_LIKE(2, 3);

/* A question on stderr, to be answered on the same line: 0 or -errno. */
MUST_CHECK int show_question(const char *text);
