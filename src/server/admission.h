// SPDX-License-Identifier: MIT
/*
 * Which connection gives way to which when the server is full. A newcomer takes
 * the place of a half-open connection, of the source that has most of these.
 * Once its key exchange is over, it can take the place of a session that has
 * been idle for a minute, of the source that has most sessions. No source loses
 * a place to one that has more. Each worker decides about its own connections.
 * Used by lifetime.c.
 */
#pragma once

#include "server/connection.h"

/*
 * The number of connections there can be with this limit: some above it are in
 * a key exchange after which an idle session could give way, and as many may
 * have been accepted but not yet judged.
 */
unsigned long admission_most(unsigned long limit);

/*
 * May this connection, with which there are so many too many, go through its
 * key exchange?
 */
bool admission_has_reserve(struct context *context,
	const struct source *newcomer, unsigned long excess);

/*
 * The connection that gives way, or NULL. It has a place of this kind, of which
 * the newcomer's source has own, that of the newcomer included.
 */
struct connection *admission_choose(
	struct context *context, enum place place, unsigned own);
