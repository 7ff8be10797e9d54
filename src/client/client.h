// SPDX-License-Identifier: MIT
/*
 * What smx-client knows while it runs, and what it says to whoever runs it.
 * The connection itself is libsmx's. Used by the files of this folder.
 */
#pragma once

#include <stdbool.h>

#include "base/mark.h"
#include "lib/status.h"
#include "smx.h"

struct client {
	struct smx *smx;
	const char *host, *port;
	int colours; /* enum mark_colours */
	bool is_secure;
	bool allows_plain; /* with a server whose key is known */
	bool was_warned;   /* of what is not as it might be */
	bool was_declined; /* the server's key, by whoever was asked */
	bool is_mute;      /* stdout takes nothing: there is no going on */
	int first; /* the first failure counts */
};

/* One line on stdout, or for MARK_ERROR on stderr. */
void client_say(struct client *c, enum mark mark, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Text on stdout. */
void client_write(struct client *c, const char *text);

/* A notice on stderr: not part of what the original shows. */
void client_warn(const struct client *c, const char *format, ...)
	PRINTF_LIKE(2, 3);

/* Prints what libsmx says of the last failure. */
void client_explain(struct client *c);

/* The same, and the exit status will tell of it, if it is the first. */
void client_failed(struct client *c, int error);

/*
 * Connects, and asks about a server that is not known if somebody is there to
 * answer; 0 or a negative smx_error.
 */
MUST_CHECK int client_connect(struct client *c);

/* Asks and waits for the reply; 0 or a negative smx_error. */
MUST_CHECK int client_ask(
	struct client *c, enum smx_command command, char text[SMX_TEXT_BYTES]);

/* Connects, then the menu, until the user leaves it. */
void menu_run(struct client *c);
