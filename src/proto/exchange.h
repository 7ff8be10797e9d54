// SPDX-License-Identifier: MIT
/*
 * The key exchanges as a table. All have one shape: flights of fixed length, in
 * turns, of which the client's is the first; then messages under the keys that
 * came of them. A row says how many flights there are and how long, what makes
 * and takes them and the messages, and what holds for its sessions; nothing
 * else asks which exchange it is. Knows nothing of the order of things: that is
 * the session's.
 */
#pragma once

#include "base/buffer.h"
#include "crypto/noise.h"
#include "crypto/xor.h"
#include "proto/command.h"
#include "proto/host.h"

enum { FLIGHTS_MAX = 3, MAGIC_BYTES = 8 };

enum role { ROLE_CLIENT, ROLE_SERVER };

/* What a side must remember between the flights, and no longer. */
struct handshake {
	const struct exchange *exchange;
	enum role role;
	union {
		struct {
			uint8_t mask[XOR_MASK_BYTES]; /* this side's C or S */
			uint8_t block[XOR_KEY_BYTES]; /* last received */
		} xor ;
		struct {
			struct noise_handshake noise;
			/* server: for a client that asks; may be NULL */
			const struct noise_identity *older;
		};
	};
};

/* What it keeps for the messages. */
union keys {
	uint8_t xor [XOR_KEY_BYTES]; /* X */
	struct {
		struct noise_transport transport;
		uint8_t peer[NOISE_KEY_BYTES]; /* its static key */
	} noise;
};

/* Received bytes, n > 0 of them. late: the patience for more is over. */
struct input {
	const uint8_t *bytes;
	size_t n;
	bool late;
};

/* A server's work: who answers the requests, of which session, and where the
 * replies go. */
struct service {
	struct session_host *host;
	struct session *session;
	struct buffer *out;
	bool has_ended; /* END came */
};

struct exchange {
	const char *name; /* as --exchange takes it */
	/* What the client sends before its first flight; "": nothing, and no
	 * more than one exchange can be so. None begins another. */
	char magic[MAGIC_BYTES + 1];
	uint8_t flights;
	uint8_t flight_bytes[FLIGHTS_MAX]; /* the magic apart */

	/* Each side proves that it holds a key of its own. */
	bool needs_identity;
	/* A failure resets the connection. */
	bool resets_on_failure;
	/* A flight takes as long as a hundred requests. */
	bool is_costly;
	/* Of a Noise exchange: its handshake. */
	const struct noise_pattern *pattern;

	/* Draws what this side contributes. */
	void (*start)(struct handshake *h, union keys *k,
		const struct session_host *host);
	/* Makes a flight, or takes one: 0 or a negative error. */
	int (*write)(struct handshake *h, int flight, uint8_t *bytes);
	int (*read)(struct handshake *h, union keys *k, int flight,
		const uint8_t *bytes);
	/* The key that the peer has proved to hold, once its last flight has
	 * been read. Given if needs_identity, else NULL. */
	const uint8_t *(*peer)(const union keys *k);
	/* After the last flight: what the messages need. */
	void (*finish)(const struct handshake *h, union keys *k);

	/*
	 * Server: takes the whole requests at the beginning of in, has the
	 * host answer each, and seals the replies into out, up to END. How
	 * many bytes they took, 0 to wait for more, or a negative error.
	 */
	ssize_t (*serve)(
		union keys *k, const struct input *in, struct service *to);
	/* Client: the next reply: how many bytes it takes, 0 to wait for more,
	 * or a negative error. */
	ssize_t (*open_reply)(union keys *k, const struct input *in,
		enum command asked, struct reply *reply);
	/* Appends text sealed: 0; or, nothing being appended, -ENOBUFS, or
	 * -EOVERFLOW when no more can be sealed, or -EINVAL when it is no
	 * message (1 to MESSAGE_MAX bytes). */
	int (*seal)(union keys *k, const uint8_t *text, size_t n,
		struct buffer *out);

	/* How long, in ms, either role waits for the rest of a message that
	 * may be whole; 0: every message says where it ends. */
	unsigned patience[2];
};

enum exchange_id { EXCHANGE_XOR, EXCHANGE_NOISE, EXCHANGE_COUNT };

extern const struct exchange *const exchanges[EXCHANGE_COUNT];

extern const struct exchange exchange_xor;
extern const struct exchange exchange_noise;

/*
 * Which exchange do a session's first bytes begin? EXCHANGE_COUNT: all n of
 * them fit a magic, and more are needed.
 */
enum exchange_id exchange_find(const uint8_t *in, size_t n);

/* The exchange of this name, in any case; EXCHANGE_COUNT: there is none. */
enum exchange_id exchange_named(const char *name);

/* The names of all, as "xor|noise"; returns list. */
enum { EXCHANGE_LIST_BYTES = 24 * EXCHANGE_COUNT };
const char *exchange_list(char list[static EXCHANGE_LIST_BYTES]);

/* Bytes of a flight as it crosses the wire. */
size_t exchange_flight_bytes(const struct exchange *e, int flight);

/* Does every message say where it ends? Then any of them may be pipelined. */
static inline bool exchange_keeps_borders(const struct exchange *e)
{
	return !e->patience[ROLE_CLIENT];
}
