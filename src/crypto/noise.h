// SPDX-License-Identifier: MIT
/*
 * Noise with 25519, ChaChaPoly and SHA256: the handshake for any pattern
 * without pre-shared keys, and the ciphers that result from it. (The Noise
 * Protocol Framework, revision 34; section numbers refer to it, and functions
 * have its names.) All primitives are libsodium's. Knows no sessions, no
 * sockets and no files; used by proto/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"

enum {
	NOISE_KEY_BYTES = 32,  /* DHLEN: public and secret keys alike */
	NOISE_HASH_BYTES = 32, /* HASHLEN */
	NOISE_TAG_BYTES = 16,
	NOISE_MESSAGES_MAX = 3,
	NOISE_TOKENS_MAX = 4, /* of a message */
};

/* 7.1: the first letter of two is the initiator's key, the second the
 * responder's. */
enum noise_token {
	NOISE_NONE,
	NOISE_E,
	NOISE_S,
	NOISE_EE,
	NOISE_ES,
	NOISE_SE,
	NOISE_SS,
};

/* 7: a handshake as data. The initiator writes the first message, then they
 * take turns. */
struct noise_pattern {
	/* "Noise_XX_25519_ChaChaPoly_SHA256"; of at most NOISE_HASH_BYTES, and
	 * zeros behind a shorter one, so it is h as it stands (5.2). */
	char protocol[NOISE_HASH_BYTES];
	uint8_t messages;
	enum noise_token tokens[NOISE_MESSAGES_MAX][NOISE_TOKENS_MAX];
};

/* 7.5 */
extern const struct noise_pattern noise_xx;

/* A static key pair. It is not copied: handshakes only point to it. */
struct noise_identity {
	uint8_t secret[NOISE_KEY_BYTES];
	uint8_t public[NOISE_KEY_BYTES];
};

/* Computes the public key of identity->secret. */
void noise_identity_finish(struct noise_identity *identity);

/* CipherState, 5.1; a zero key never encrypts anything. */
struct noise_cipher {
	uint8_t k[NOISE_KEY_BYTES];
	uint64_t n;
};

/* What a session keeps: one cipher per direction. */
struct noise_transport {
	struct noise_cipher send, receive;
};

/* SymmetricState and HandshakeState, 5.2 and 5.3. */
struct noise_handshake {
	const struct noise_pattern *pattern;
	struct noise_cipher cipher;
	bool has_key;
	bool is_initiator;
	uint8_t ck[NOISE_HASH_BYTES];
	uint8_t h[NOISE_HASH_BYTES]; /* at the end, the handshake hash */
	const struct noise_identity *s;
	struct noise_identity e;
	uint8_t rs[NOISE_KEY_BYTES];
	uint8_t re[NOISE_KEY_BYTES];
	bool marks_e; /* initiator: sets the mark, see noise_is_marked() */
};

/*
 * The highest bit of an X25519 public key is 0 when computed, and is ignored
 * when used (RFC 7748, section 5), but hashed like every other bit. So an
 * initiator can use it as a mark, before any key is agreed on; a responder that
 * does not know the mark is not affected.
 */
bool noise_is_marked(const uint8_t key[static NOISE_KEY_BYTES]);

/*
 * Initialize(), 5.3. pattern and s must outlive the handshake; s may be NULL if
 * the pattern has no S for this side. ephemeral: 32 uniform bytes, to be used
 * only once.
 */
void noise_start(struct noise_handshake *h, const struct noise_pattern *pattern,
	bool is_initiator, const uint8_t *prologue, size_t prologue_bytes,
	const struct noise_identity *s,
	const uint8_t ephemeral[static NOISE_KEY_BYTES]);

/*
 * WriteMessage() and ReadMessage(), 5.3, for message 0, 1, ... of the pattern.
 * Both return the length of what was written to out: the message, which is
 * payload and noise_overhead() bytes long, or the payload. -EPROTO if a tag is
 * wrong or a Diffie-Hellman output is all zero; the handshake must not be used
 * after that.
 */
MUST_CHECK ssize_t noise_write(struct noise_handshake *h, int message,
	const uint8_t *payload, size_t payload_bytes, uint8_t *out);
MUST_CHECK ssize_t noise_read(struct noise_handshake *h, int message,
	const uint8_t *in, size_t n, uint8_t *out);

/* Bytes that a message of the pattern adds to its payload. */
size_t noise_overhead(const struct noise_pattern *pattern, int message);

/* Split(), 5.2: the ciphers for sending and receiving from now on. */
void noise_split(const struct noise_handshake *h, struct noise_transport *t);

/*
 * EncryptWithAd() and DecryptWithAd(), 5.1, with empty associated data; out may
 * be in. n bytes become n + NOISE_TAG_BYTES, and vice versa. Returns 0, -EPROTO
 * if the tag is wrong (then out is meaningless, and the cipher unchanged), or
 * -EOVERFLOW if the nonces are used up.
 */
MUST_CHECK int noise_encrypt(
	struct noise_cipher *c, const uint8_t *in, size_t n, uint8_t *out);
MUST_CHECK int noise_decrypt(
	struct noise_cipher *c, const uint8_t *in, size_t n, uint8_t *out);

/*
 * After the last use of a transport: wipes what the ciphers may have left of
 * its keys below the caller's stack frame.
 */
void noise_clean_stack(void);
