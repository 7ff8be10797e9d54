// SPDX-License-Identifier: MIT
/*
 * Where does a message end? The xor exchange has no framing, so each side
 * determines it from the decrypted bytes. This is "Requests, recovered by the
 * server" and "Replies, recovered by the client" of docs/protocol.md, and
 * nothing else. Knows no session and no clock: it is told whether the wait for
 * more is over.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "crypto/xor.h"
#include "proto/command.h"

enum {
	RECOVER_REQUEST_MS = 1000, /* rule 3: from the last byte */
	RECOVER_REPLY_MS = 20,     /* the silence that ends a reply */
};

/*
 * The number of bytes of in, still encrypted, that the next request takes, and
 * which request it is; 0 to wait for more, but never when late. n is at least
 * 1.
 */
size_t recover_request(const uint8_t key[static XOR_KEY_BYTES],
	const uint8_t *in, size_t n, bool late, enum command *request);

/*
 * The number of bytes of in that the reply to asked takes; 0 to wait for more;
 * -EPROTO if no reply begins like this. late: RECOVER_REPLY_MS of silence have
 * passed. n is at least 1. The error reply is returned as its four bytes.
 */
MUST_CHECK ssize_t recover_reply(const uint8_t key[static XOR_KEY_BYTES],
	const uint8_t *in, size_t n, bool late, enum command asked,
	struct reply *reply);
