// SPDX-License-Identifier: MIT
/*
 * The state of smx-client while it runs. The connection itself belongs to
 * libsmx, and the appearance to show.c. Used by the files of this folder.
 */
#pragma once

#include "client/show.h"
#include "lib/access.h"
#include "lib/status.h"

struct client {
	struct smx *smx;
	struct show show;
	const char *host, *port;
	struct access access;
	bool was_warned;   /* of a plain session */
	bool was_declined; /* the server's key, by the user */
	int first;         /* the status of the first failure */
};

/* Shows the last failure; if it is the first, it determines the exit status. */
void client_failed(struct client *c, int error);

/* The request with this name, in any case; -1 if there is none. */
int client_find_command(const char *word);

/* Its name in a list or a menu: "time"; NULL if there is no such request. */
enum { CLIENT_WORD_BYTES = 32 };
const char *client_command_name(
	int command, char name[static CLIENT_WORD_BYTES]);

/* Sends a request and shows its reply, or why there is none. */
void client_ask(struct client *c, enum smx_command command);

/* The exit status. */
int client_status(const struct client *c);
