// SPDX-License-Identifier: MIT
/*
 * Whose keys: this client's own, and those that the server of a connection
 * that is being made may present. 0 or a negative enum smx_error; a failure has
 * ended the connection. Knows nothing of how a session is made. Used by the
 * files of the library.
 */
#pragma once

#include "lib/handle.h"

/* Nothing is known any more of the server of the last connection. */
void secure_begin(struct smx *smx);

/* Before the first flight: which keys may this host present? */
MUST_CHECK int secure_prepare(struct smx *smx, const char *host);

/* Before a plain session: is it one with a server whose key is known? */
MUST_CHECK int secure_guard(struct smx *smx, const char *host);

/* The host's is_allowed: does the server present an expected key? */
bool secure_is_expected(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES]);

/* It did not: which of the reasons is it? */
int secure_refusal(struct smx *smx);

/* After the exchange: a new server that may be trusted is remembered. */
MUST_CHECK int secure_remember(struct smx *smx);
