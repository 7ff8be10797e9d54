// SPDX-License-Identifier: MIT
/*
 * The keys this server has and the list of the clients it serves: loaded at
 * the start, and again on SIGHUP. Tells the workers; knows no connections.
 * Used by the program's main thread.
 */
#pragma once

#include "lib/identity.h"
#include "server/acceptor.h"

struct server_keys {
	struct noise_identity *identity; /* NULL: xor only */
	struct noise_identity *older;    /* NULL: there is none */
	struct authorized *authorized;   /* NULL: every client */
	unsigned long failures;          /* to load the default key */
	struct files_watch watch;        /* of the list, while it changes */
};

/*
 * Without a key of its own a server can still serve xor, unless somebody asked
 * for more: then 0, and a complaint that is not empty. -1 and a complaint
 * means that the server must not start.
 */
MUST_CHECK int keys_load(struct server_keys *k, struct settings *settings,
	struct complaint *complaint);

/*
 * Reads the list again, all or nothing, and tries again for a default key that
 * could not be had before. Both are reported, and given to the workers; a list
 * that somebody is writing when the acceptor's reminder comes.
 */
void keys_reload(struct server_keys *k, const struct settings *settings,
	struct acceptor *a);

/* Reads a list again that somebody was writing: when the acceptor says. */
void keys_reread(struct server_keys *k, const struct settings *settings,
	struct acceptor *a);

/* One more line for SIGUSR1, as long as there is no key. */
void keys_report(const struct server_keys *k, struct log *log);

/* After the workers have ended. */
void keys_free(struct server_keys *k);
