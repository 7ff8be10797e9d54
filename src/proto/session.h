// SPDX-License-Identifier: MIT
/*
 * A session, either side of it: received bytes go in, bytes to be sent come
 * out, and what it needs from the world it asks of a session_host. It knows no
 * socket, no clock and no allocator, so one machine serves the server, the
 * client library, the load generator, the tests and the fuzzers.
 */
#pragma once

#include "proto/exchange.h"
#include "proto/host.h"

enum session_state {
	SESSION_NEW,
	SESSION_CHOICE,   /* server: the first bytes tell the exchange */
	SESSION_EXCHANGE, /* flights */
	SESSION_OPEN,     /* messages */
	SESSION_ENDED,    /* END was said: what still comes is discarded */
	SESSION_FAILED,   /* the peer broke the protocol */
	SESSION_STATES,
};

enum {
	/* Requests a client may have under way: four bits each in .asked. */
	SESSION_DEPTH_MAX = 32,
	/* Room in out that n bytes of input can need: a TIME takes 4 bytes and
	 * answers 15, and what was kept from before can complete one more. */
	SESSION_KEPT_MAX = 1100,
};

struct session {
	struct handshake *handshake; /* the caller's; until open */
	uint64_t asked[2]; /* client: requests without reply, oldest lowest */
	uint8_t asked_count;
	uint8_t role;
	uint8_t state;
	uint8_t exchange;
	uint8_t flight; /* the next to be written or read */
	union keys keys;
};

/*
 * Begins a client's session: its first flight is put into out. handshake, all
 * zero, stays the caller's and must live until session_handshake_over(). 0, or
 * -ENOBUFS, or -ENOENT: the exchange needs an identity, and the host has none.
 */
MUST_CHECK int session_connect(struct session *s, enum exchange_id exchange,
	struct handshake *handshake, struct session_host *host,
	struct buffer *out);

/* Begins a server's session, in the exchange that the client will choose. */
void session_accept(struct session *s, struct handshake *handshake);

/*
 * Takes the whole units (flights, messages) that lie at the beginning of in,
 * appends what they call for to out, and returns how many bytes they were. The
 * rest, less than SESSION_KEPT_MAX bytes, is to be kept by the caller and fed
 * again with what arrives behind it. late: session_patience() has passed since
 * the last byte. A failure ends the session as SESSION_FAILED: -EPROTO when the
 * peer broke the protocol, -EPROTONOSUPPORT when it began an exchange that is
 * not served, -EACCES when its key is not allowed, -ENOBUFS when out is too
 * small.
 */
MUST_CHECK ssize_t session_feed(struct session *s, struct session_host *host,
	const uint8_t *in, size_t n, bool late, struct buffer *out);

/*
 * Client, open: appends a request. -EBUSY when SESSION_DEPTH_MAX are under
 * way, -ENOBUFS when it does not fit, -ENOTCONN when the session is not open,
 * -EINVAL for COMMAND_UNKNOWN. COMMAND_END ends the session.
 */
MUST_CHECK int session_send(
	struct session *s, enum command request, struct buffer *out);

/* Ends an open session from this side: what still comes is discarded. */
void session_end(struct session *s);

/* Milliseconds that an incomplete rest may wait for more; 0: for ever. */
unsigned session_patience(const struct session *s);

/* The row of its exchange; before that is known, of any. */
static inline const struct exchange *session_exchange(const struct session *s)
{
	return exchanges[s->exchange];
}

/* The peer's key, once all its flights have been verified, else NULL. */
const uint8_t *session_peer(const struct session *s);

/* True once the handshake memory is no longer used. */
static inline bool session_handshake_over(const struct session *s)
{
	return s->state > SESSION_EXCHANGE;
}

/* Forgets everything, keys first. */
void session_wipe(struct session *s);
