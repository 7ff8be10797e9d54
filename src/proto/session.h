// SPDX-License-Identifier: MIT
/*
 * One side of a session: received bytes go in, bytes to be sent come out, and
 * what it needs from its surroundings it gets from a session_host. It knows no
 * socket, no clock and no allocator, so the same machine serves the server, the
 * client library, the load generator, the tests and the fuzzers.
 */
#pragma once

#include "proto/exchange.h"
#include "proto/host.h"

enum session_state {
	SESSION_NEW,
	SESSION_CHOICE,   /* server: the first bytes determine the exchange */
	SESSION_EXCHANGE, /* flights */
	SESSION_OPEN,     /* messages */
	SESSION_ENDED,    /* after END: everything else is discarded */
	SESSION_FAILED,   /* the peer broke the protocol */
	SESSION_STATES,
};

enum {
	/* Requests a client may have in flight: four bits each in .asked. */
	SESSION_DEPTH_MAX = 32,
	/*
	 * The room in out that n bytes of input can need: a TIME takes 4 bytes
	 * and is answered with 15, and bytes kept from before can complete one
	 * more.
	 */
	SESSION_KEPT_MAX = 1100,
};

struct session {
	union {
		struct handshake *handshake; /* the caller's; until open */
		/* Then, of a client: requests without reply, oldest lowest. */
		uint64_t asked[2];
	};
	uint8_t asked_count;
	uint8_t role;
	uint8_t state;
	uint8_t exchange;
	uint8_t flight; /* the next one to write or read */
	union keys keys;
};

/*
 * Begins a client's session and appends its first flight to out. handshake, all
 * zero, belongs to the caller and must live until session_handshake_over(). 0;
 * -ENOBUFS; or -ENOENT if the exchange needs an identity and the host has none.
 */
MUST_CHECK int session_connect(struct session *s, enum exchange_id exchange,
	struct handshake *handshake, struct session_host *host,
	struct buffer *out);

/* Begins a server's session; the client will choose the exchange. */
void session_accept(struct session *s, struct handshake *handshake);

/*
 * Takes the complete units (flights, messages) at the beginning of in, appends
 * what they require to out, and returns how many bytes they were. The caller
 * must keep the rest, less than SESSION_KEPT_MAX bytes, and feed it again
 * together with the bytes that follow. late: session_patience() has passed
 * since the last byte. A failure ends the session as SESSION_FAILED: -EPROTO if
 * the peer broke the protocol, -EPROTONOSUPPORT if it began an exchange that is
 * not offered, -EACCES if its key is not allowed, -ENOBUFS if out is too small.
 */
MUST_CHECK ssize_t session_feed(struct session *s, struct session_host *host,
	const uint8_t *in, size_t n, bool late, struct buffer *out);

/* The flight that received bytes begin with. */
struct flight {
	size_t length;  /* 0: it is not whole yet */
	bool is_costly; /* it takes as long as a hundred requests */
	bool is_last;   /* what follows are requests */
};

/*
 * Server, during the flights: which is it, of these n bytes? As soon as they
 * tell the exchange, it is that of the session. Bytes that are to be refused
 * are a flight, too.
 */
struct flight session_flight(struct session *s, const struct session_host *host,
	const uint8_t *in, size_t n);

/*
 * Client, open: appends a request. -EBUSY if SESSION_DEPTH_MAX are in flight,
 * -ENOBUFS if it does not fit, -ENOTCONN if the session is not open, -EINVAL
 * for COMMAND_UNKNOWN. COMMAND_END ends the session.
 */
MUST_CHECK int session_send(
	struct session *s, enum command request, struct buffer *out);

/* Ends an open session from this side; further input is discarded. */
void session_end(struct session *s);

/* Milliseconds that an incomplete unit may wait for more; 0: no limit. */
unsigned session_patience(const struct session *s);

/* The row of its exchange; any row before that is known. */
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

/* Wipes everything, keys first. */
void session_wipe(struct session *s);
