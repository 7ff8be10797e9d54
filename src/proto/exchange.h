// SPDX-License-Identifier: MIT
/*
 * The key exchanges as a table. All have the same shape: flights of fixed
 * length, in turn, beginning with the client's; then messages protected by the
 * keys that result. A row gives the number of flights and their lengths, the
 * functions that write and read flights and messages, and the properties of its
 * sessions; nothing else asks which exchange it is. Knows nothing of the order
 * of events, which is the session's business.
 */
#pragma once

#include "base/buffer.h"
#include "crypto/noise.h"
#include "crypto/xor.h"
#include "proto/command.h"
#include "proto/host.h"

enum {
	FLIGHTS_MAX = 3,
	MAGIC_BYTES = 8,
	FLIGHT_BYTES_MAX = 128 + MAGIC_BYTES,
};

enum role { ROLE_CLIENT, ROLE_SERVER };

/* What a side must remember only while the flights are exchanged. */
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
			/* server: for a client that asks for it; may be NULL */
			const struct noise_identity *older;
		};
	};
};

/* What a side keeps for the messages. */
union keys {
	uint8_t xor [XOR_KEY_BYTES]; /* X */
	struct {
		struct noise_transport transport;
		uint8_t peer[NOISE_KEY_BYTES]; /* its static key */
	} noise;
};

/* n > 0 received bytes. late: the time to wait for more has passed. */
struct input {
	const uint8_t *bytes;
	size_t n;
	bool late;
};

/*
 * A server's work: who answers the requests, of which session, and where to put
 * the replies.
 */
struct service {
	struct session_host *host;
	struct session *session;
	struct buffer *out;
	bool has_ended; /* END was received */
};

struct exchange {
	const char *name; /* as in --exchange */
	/*
	 * What the client sends before its first flight; "" for nothing, which
	 * only one exchange can have. No magic is a prefix of another.
	 */
	char magic[MAGIC_BYTES + 1];
	uint8_t flights;
	uint8_t flight_bytes[FLIGHTS_MAX]; /* without the magic */

	/* Each side proves that it holds a private key. */
	bool needs_identity;
	/* A failure resets the connection. */
	bool resets_on_failure;
	/* A flight costs as much as a hundred requests. */
	bool is_costly;
	/* Of a Noise exchange: its handshake. */
	const struct noise_pattern *pattern;

	/* Draws this side's random contribution. */
	void (*start)(struct handshake *h, union keys *k,
		const struct session_host *host);
	/* Writes a flight, or reads one: 0 or a negative error. */
	int (*write)(struct handshake *h, int flight, uint8_t *bytes);
	int (*read)(struct handshake *h, union keys *k, int flight,
		const uint8_t *bytes);
	/*
	 * The public key that the peer has proved to hold the private key for,
	 * once its last flight has been read. Present if needs_identity, else
	 * NULL.
	 */
	const uint8_t *(*peer)(const union keys *k);
	/* After the last flight: prepares what the messages need. */
	void (*finish)(const struct handshake *h, union keys *k);

	/*
	 * Server: takes the complete requests at the beginning of in, has the
	 * host answer each, and seals the replies into out, up to END. Returns
	 * how many bytes they took, 0 to wait for more, or a negative error.
	 */
	ssize_t (*serve)(
		union keys *k, const struct input *in, struct service *to);
	/*
	 * Client: takes the next reply: returns how many bytes it took, 0 to
	 * wait for more, or a negative error.
	 */
	ssize_t (*open_reply)(union keys *k, const struct input *in,
		enum command asked, struct reply *reply);
	/*
	 * Seals text and appends it: 0; or, with nothing appended, -ENOBUFS, or
	 * -EOVERFLOW if no more can be sealed, or -EINVAL if it is not a
	 * message (1 to MESSAGE_MAX bytes).
	 */
	int (*seal)(union keys *k, const uint8_t *text, size_t n,
		struct buffer *out);

	/*
	 * How long, in ms, each role waits for the rest of a message that may
	 * be complete; 0 if every message shows where it ends.
	 */
	unsigned patience[2];
};

enum exchange_id { EXCHANGE_XOR, EXCHANGE_NOISE, EXCHANGE_COUNT };

extern const struct exchange *const exchanges[EXCHANGE_COUNT];

extern const struct exchange exchange_xor;
extern const struct exchange exchange_noise;

/*
 * Which exchange do the first bytes of a session begin? EXCHANGE_COUNT: all n
 * of them match a magic, and more are needed.
 */
enum exchange_id exchange_find(const uint8_t *in, size_t n);

/* The exchange with this name, in any case; EXCHANGE_COUNT if there is none. */
enum exchange_id exchange_named(const char *name);

/* All names, as "xor|noise"; returns list. */
enum { EXCHANGE_LIST_BYTES = 24 * EXCHANGE_COUNT };
const char *exchange_list(char list[static EXCHANGE_LIST_BYTES]);

/* The length of a flight on the wire. */
size_t exchange_flight_bytes(const struct exchange *e, int flight);

/* Does every message show where it ends? Then all can be pipelined. */
static inline bool exchange_keeps_borders(const struct exchange *e)
{
	return !e->patience[ROLE_CLIENT];
}
