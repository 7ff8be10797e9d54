// SPDX-License-Identifier: MIT
/*
 * What a session asks of the world around it. Whoever runs sessions fills one
 * in: the server's workers, the client library, the load generator, the tests. It
 * knows nothing of where the bytes travel.
 */
#pragma once

#include "crypto/noise.h"
#include "proto/command.h"

struct session;

/*
 * Embed it first in something larger to find that again. Each callback is told
 * which session it is about: whoever embeds that finds the rest.
 */
struct session_host {
	/* n uniform bytes from the system's CSPRNG. */
	void (*draw)(uint8_t *bytes, size_t n);

	/*
	 * Server: writes the reply to a request. For COMMAND_END nothing is
	 * to be written; it is called all the same, to be counted.
	 */
	void (*answer)(struct session_host *host, struct session *session,
		enum command request, struct reply *reply);

	/* Client: the reply to the oldest request that had none. */
	void (*replied)(struct session_host *host, struct session *session,
		enum command request, const struct reply *reply);

	/*
	 * Noise: may the session go on with a peer that has shown that it
	 * holds this key? Asked once, when the last flight of the peer has
	 * been verified.
	 */
	bool (*is_allowed)(struct session_host *host, struct session *session,
		const uint8_t key[static NOISE_KEY_BYTES]);

	/* This side's own key pair; NULL: none, so no session in an exchange
	 * that needs one. */
	const struct noise_identity *identity;

	/* Noise, server: its older key pair, for clients that ask for it;
	 * NULL: there is none, and who asks is shown the other. */
	const struct noise_identity *older;

	/* Noise, client: asks for that. */
	bool asks_older;

	/* Server: an exchange in which nobody proves anything is not served. */
	bool requires_secure;
};
