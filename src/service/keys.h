// SPDX-License-Identifier: MIT
/*
 * The keys of this server and the list of the clients it serves: loaded at
 * startup, and again on SIGHUP. Passes them to the workers; knows no
 * connections. Used by the program's main thread.
 */
#pragma once

#include "lib/identity.h"
#include "server/acceptor.h"
#include "service/helper.h"

struct server_keys {
	struct noise_identity *identity; /* NULL: xor only */
	struct noise_identity *older;    /* NULL: there is none */
	struct authorized *authorized;   /* NULL: every client */
	unsigned long failures; /* to load the default key: how often */
	struct helper helper;   /* has the files, once this process has not */
};

/*
 * Without a key, a server can still serve xor, unless the options require more:
 * then this returns 0 with a complaint that is not empty. -1 and a complaint
 * means that the server must not start.
 */
MUST_CHECK int keys_load(struct server_keys *k, struct settings *settings,
	struct complaint *complaint);

/*
 * Has the helper reread the list, all or nothing, and retries a default key
 * that could not be loaded before. Both are reported, and passed to the
 * workers; a list that is still being written, when the acceptor's reminder
 * comes.
 */
void keys_reload(struct server_keys *k, const struct settings *settings,
	struct acceptor *a);

/* Rereads a list that was still being written: when the acceptor reminds it. */
void keys_reread(struct server_keys *k, const struct settings *settings,
	struct acceptor *a);

/* Logs one more line on SIGUSR1, while there is no key. */
void keys_report(const struct server_keys *k, struct log *log);

/* After the workers have ended. */
void keys_free(struct server_keys *k);
