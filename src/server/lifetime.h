// SPDX-License-Identifier: MIT
/*
 * How long a connection lives: begins it, and acts on what came of each of its
 * turns. Only here is the loop told what to look for, a deadline set, and an
 * end logged, counted and made. Knows no bytes. Used by a worker.
 */
#pragma once

#include "server/connection.h"

/* Takes over fd, which is closed at once if there is no room. */
void lifetime_begin(
	struct context *context, int fd, const struct address *peer);

/* Acts on a turn; unless it goes on, that was the last use of c. */
void lifetime_settle(
	struct context *context, struct connection *c, struct turn turn);

/* Ends those whose time has come, of every kind. */
void lifetime_expire(struct context *context);

/* Each of them takes this turn, whatever it waits for. */
void lifetime_each(struct context *context,
	struct turn (*take)(struct context *context, struct connection *c));
