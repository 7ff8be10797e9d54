// SPDX-License-Identifier: MIT
/*
 * The life of a connection: begins it, and acts on the outcome of each of its
 * turns. Only this tells the loop what to wait for, sets deadlines, and logs,
 * counts and carries out an end. Knows no bytes. Used by a worker.
 */
#pragma once

#include "server/connection.h"

/* Takes over fd, which is closed at once if there is no memory. */
void lifetime_begin(
	struct context *context, int fd, const struct address *peer);

/* Acts on a turn; unless it continues, c must not be used any more. */
void lifetime_settle(
	struct context *context, struct connection *c, struct turn turn);

/* Ends those whose deadline has passed, of every kind. */
void lifetime_expire(struct context *context);

/* Gives every connection this turn, whatever it waits for. */
void lifetime_each(struct context *context,
	struct turn (*take)(struct context *context, struct connection *c));
