// SPDX-License-Identifier: MIT
/*
 * What a connection borrows from its worker's pools for as long as it needs
 * it: the rest of a unit that is not whole yet, and replies that the peer has
 * not taken. An idle connection borrows nothing. Knows no protocol. Used by
 * connection.c.
 */
#pragma once

#include "server/connection.h"

/*
 * Keeps n bytes that the session did not take in place of those kept before;
 * with n = 0 nothing is borrowed any more. False when no memory is left.
 */
MUST_CHECK COLD bool lent_keep_rest(
	struct worker *w, struct connection *c, const uint8_t *bytes, size_t n);

/* Copies what is kept to the start of w->in, and returns its length. */
size_t lent_take_rest(struct worker *w, const struct connection *c);

/*
 * Keeps of out what socket_send() did not take; sent is what that said. 0, or
 * a negative error: its own, or -ENOMEM.
 */
MUST_CHECK COLD int lent_keep_unsent(struct worker *w, struct connection *c,
	const struct buffer *out, ssize_t sent);

/* Everything, wiped by the pools; the handshake too. */
void lent_give_back(struct worker *w, struct connection *c);
