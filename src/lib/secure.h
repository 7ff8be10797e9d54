// SPDX-License-Identifier: MIT
/*
 * Keys: this client's own, and those that the server may present while a
 * connection is being made. Functions return 0 or a negative enum smx_error; a
 * failure has ended the connection. Knows nothing of how a session is made.
 * Used by the files of the library.
 */
#pragma once

#include "lib/handle.h"

/* Forgets everything about the server of the last connection. */
void secure_begin(struct smx *smx);

/* Before the first flight: finds the keys that this host may present. */
MUST_CHECK int secure_prepare(struct smx *smx, const char *host);

/* Before a plain session: is the server's key known? */
MUST_CHECK int secure_guard(struct smx *smx, const char *host);

/* The host's is_allowed: does the server present an expected key? */
bool secure_is_expected(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES]);

/* After a refusal: fails with the reason. */
int secure_refusal(struct smx *smx);

/* After the exchange: remembers a new server that may be trusted. */
MUST_CHECK int secure_remember(struct smx *smx);
