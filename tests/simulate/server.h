// SPDX-License-Identifier: MIT
/*
 * A server in the simulated world: what service/main.c puts together, with
 * settings that follow from the seed. Its lists and keys are made here, not
 * read from files. Stands in for server/signals.h.
 */
#pragma once

#include "server/acceptor.h"

enum { KEYS = 6 }; /* that clients have */

extern struct server {
	struct settings settings;
	struct acceptor acceptor;
	struct sources sources;
	bool is_open; /* the sources are */
	bool is_over;
	bool may_exceed;    /* see oracle_workers.c */
	uint64_t over_step; /* when it last had more than its limit */
	unsigned long closed[COUNTERS]; /* by workers that are gone */
	const struct noise_identity *identity, *older;
} server;

/* Once in a process: makes the keys. */
void server_prepare(void);
const struct noise_identity *server_client_key(unsigned i);

/* Starts it, after world_begin(). */
void server_begin(void);

/* A signal may arrive. */
void server_disturb(void);

/* The order to stop. */
void server_stop(void);

/* Keeps the counters of a worker that is about to go. context may be NULL. */
void server_forget(struct context *context);

/* Do these two share their places? */
bool server_is_one_source(const struct address *a, const struct address *b);
