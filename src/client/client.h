// SPDX-License-Identifier: MIT
/*
 * What smx-client knows while it runs. The connection itself is libsmx's, and
 * what it looks like is show.c's. Used by the files of this folder.
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
	bool was_warned;   /* of what is not as it might be */
	bool was_declined; /* the server's key, by whoever was asked */
	int first;         /* the status of the first failure, which counts */
};

/* Shows the last failure, of which the exit status will tell if it is first. */
void client_failed(struct client *c, int error);

/* The request that a person names so, in any case; -1: there is none. */
int client_find_command(const char *word);

/* What it is called in a list or a menu: "time"; NULL: there is no such. */
enum { CLIENT_WORD_BYTES = 32 };
const char *client_command_name(
	int command, char name[static CLIENT_WORD_BYTES]);

/* Sends a request and shows its reply, or why there is none. */
void client_ask(struct client *c, enum smx_command command);

/* With which status it ends. */
int client_status(const struct client *c);
