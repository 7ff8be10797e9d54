// SPDX-License-Identifier: MIT
/*
 * What a session needs from its surroundings. Every owner of sessions fills one
 * in: the server's workers, the client library, the load generator, the tests.
 * Knows nothing of where the bytes go.
 */
#pragma once

#include "crypto/noise.h"
#include "proto/command.h"

struct session;

/*
 * Embed it as the first member of a larger structure, to find that again. Each
 * callback is told which session it is about, from which its owner finds the
 * rest.
 */
struct session_host {
	/* Draws n uniform bytes from the system's CSPRNG. */
	void (*draw)(uint8_t *bytes, size_t n);

	/*
	 * Server: writes the reply to a request. It is also called for
	 * COMMAND_END, to be counted, but must write nothing then.
	 */
	void (*answer)(struct session_host *host, struct session *session,
		enum command request, struct reply *reply);

	/* Client: receives the reply to the oldest outstanding request. */
	void (*replied)(struct session_host *host, struct session *session,
		enum command request, const struct reply *reply);

	/*
	 * Noise: may the session continue with a peer that has proved to hold
	 * the private key for this key? Called once, after the last flight of
	 * the peer has been verified.
	 */
	bool (*is_allowed)(struct session_host *host, struct session *session,
		const uint8_t key[static NOISE_KEY_BYTES]);

	/*
	 * This side's own key pair; NULL if none, so there are no sessions in
	 * an exchange that needs one.
	 */
	const struct noise_identity *identity;

	/*
	 * Noise, server: its older key pair, for clients that ask for it; if
	 * NULL, those are shown the other one.
	 */
	const struct noise_identity *older;

	/* Noise, client: asks for the older key. */
	bool asks_older;

	/* Server: refuses an exchange without authentication. */
	bool requires_secure;
};
