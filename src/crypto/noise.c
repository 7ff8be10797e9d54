// SPDX-License-Identifier: MIT
#include "crypto/noise.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

_Static_assert(NOISE_KEY_BYTES == crypto_scalarmult_curve25519_BYTES, "");
_Static_assert(NOISE_HASH_BYTES == crypto_hash_sha256_BYTES, "");
_Static_assert(NOISE_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "");

const struct noise_pattern noise_xx = {
	.protocol = "Noise_XX_25519_ChaChaPoly_SHA256",
	.messages = 3,
	.tokens = {
		{ NOISE_E },
		{ NOISE_E, NOISE_EE, NOISE_S, NOISE_ES },
		{ NOISE_S, NOISE_SE },
	},
};

enum {
	/*
	 * Below our stack frames, libsodium's curve code leaves a copy of the
	 * scalar, and on 32-bit processors its ciphers leave one of the key;
	 * this is more than they use.
	 */
	STACK_BYTES = 4096,
	MARK = 0x80, /* in the last byte of a public key */
};

/* --- 5.1, CipherState --- */

/* 12.3: 32 bits of zeros, then n, little-endian. */
static void encode_nonce(uint64_t n, uint8_t nonce[static 12])
{
	memset(nonce, 0, 4);
	for (int i = 0; i < 8; i++)
		nonce[4 + i] = (uint8_t)(n >> 8 * i);
}

static int encrypt_with_ad(struct noise_cipher *c, const uint8_t *ad,
	size_t ad_bytes, const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

	if (c->n == UINT64_MAX) /* reserved */
		return -EOVERFLOW;
	encode_nonce(c->n++, nonce);
	crypto_aead_chacha20poly1305_ietf_encrypt(
		out, NULL, in, n, ad, ad_bytes, NULL, nonce, c->k);
	return 0;
}

static int decrypt_with_ad(struct noise_cipher *c, const uint8_t *ad,
	size_t ad_bytes, const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

	if (c->n == UINT64_MAX)
		return -EOVERFLOW;
	encode_nonce(c->n, nonce);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(
		    out, NULL, NULL, in, n, ad, ad_bytes, nonce, c->k))
		return -EPROTO;
	c->n++;
	return 0;
}

int noise_encrypt(
	struct noise_cipher *c, const uint8_t *in, size_t n, uint8_t *out)
{
	return encrypt_with_ad(c, NULL, 0, in, n, out);
}

int noise_decrypt(
	struct noise_cipher *c, const uint8_t *in, size_t n, uint8_t *out)
{
	return decrypt_with_ad(c, NULL, 0, in, n, out);
}

/* --- 4.3 and 5.2, SymmetricState --- */

static void finish_hmac(crypto_auth_hmacsha256_state keyed, const uint8_t *text,
	size_t n, uint8_t mac[static NOISE_HASH_BYTES])
{
	crypto_auth_hmacsha256_update(&keyed, text, n);
	crypto_auth_hmacsha256_final(&keyed, mac);
}

/*
 * Two outputs: the first 32 bytes become a, the next b. Both are derived with
 * temp_key, which is therefore hashed only once.
 */
static void hkdf(const uint8_t ck[static NOISE_HASH_BYTES],
	const uint8_t *input, size_t n, uint8_t *a, uint8_t *b)
{
	crypto_auth_hmacsha256_state keyed;
	uint8_t temp_key[NOISE_HASH_BYTES];
	uint8_t block[NOISE_HASH_BYTES + 1];

	crypto_auth_hmacsha256(temp_key, input, n, ck);
	crypto_auth_hmacsha256_init(&keyed, temp_key, sizeof(temp_key));
	block[0] = 1;
	finish_hmac(keyed, block, 1, block);
	block[NOISE_HASH_BYTES] = 2;
	finish_hmac(keyed, block, sizeof(block), b);
	memcpy(a, block, NOISE_HASH_BYTES);
	sodium_memzero(&keyed, sizeof(keyed));
	sodium_memzero(temp_key, sizeof(temp_key));
	sodium_memzero(block, sizeof(block));
}

static void mix_hash(struct noise_handshake *h, const uint8_t *data, size_t n)
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, h->h, sizeof(h->h));
	crypto_hash_sha256_update(&state, data, n);
	crypto_hash_sha256_final(&state, h->h);
}

static void mix_key(
	struct noise_handshake *h, const uint8_t input[static NOISE_KEY_BYTES])
{
	hkdf(h->ck, input, NOISE_KEY_BYTES, h->ck, h->cipher.k);
	h->cipher.n = 0;
	h->has_key = true;
}

static size_t tag_bytes(const struct noise_handshake *h)
{
	return h->has_key ? NOISE_TAG_BYTES : 0;
}

/* Writes n + tag_bytes() bytes. */
static int encrypt_and_hash(
	struct noise_handshake *h, const uint8_t *in, size_t n, uint8_t *out)
{
	int error = 0;

	if (h->has_key)
		error = encrypt_with_ad(
			&h->cipher, h->h, sizeof(h->h), in, n, out);
	else if (n)
		memcpy(out, in, n);
	mix_hash(h, out, n + tag_bytes(h));
	return error;
}

/* Reads n bytes, writes n - tag_bytes(). */
static int decrypt_and_hash(
	struct noise_handshake *h, const uint8_t *in, size_t n, uint8_t *out)
{
	int error = 0;

	if (h->has_key)
		error = decrypt_with_ad(
			&h->cipher, h->h, sizeof(h->h), in, n, out);
	else if (n)
		memcpy(out, in, n);
	mix_hash(h, in, n);
	return error;
}

void noise_split(const struct noise_handshake *h, struct noise_transport *t)
{
	struct noise_cipher *first = h->is_initiator ? &t->send : &t->receive;
	struct noise_cipher *second = h->is_initiator ? &t->receive : &t->send;

	hkdf(h->ck, NULL, 0, first->k, second->k);
	first->n = second->n = 0;
}

/* --- 5.3, HandshakeState --- */

void noise_identity_finish(struct noise_identity *identity)
{
	crypto_scalarmult_curve25519_base(identity->public, identity->secret);
	sodium_stackzero(STACK_BYTES);
}

void noise_clean_stack(void)
{
	sodium_stackzero(STACK_BYTES);
}

bool noise_is_marked(const uint8_t key[static NOISE_KEY_BYTES])
{
	return key[NOISE_KEY_BYTES - 1] & MARK;
}

void noise_start(struct noise_handshake *h, const struct noise_pattern *pattern,
	bool is_initiator, const uint8_t *prologue, size_t prologue_bytes,
	const struct noise_identity *s,
	const uint8_t ephemeral[static NOISE_KEY_BYTES])
{
	*h = (struct noise_handshake){
		.pattern = pattern,
		.is_initiator = is_initiator,
		.s = s,
	};
	memcpy(h->h, pattern->protocol, sizeof(h->h));
	memcpy(h->ck, h->h, sizeof(h->ck));
	mix_hash(h, prologue, prologue_bytes);
	memcpy(h->e.secret, ephemeral, sizeof(h->e.secret));
}

/* MixKey(DH(ours, theirs)) */
static int mix_dh(struct noise_handshake *h, const struct noise_identity *ours,
	const uint8_t theirs[static NOISE_KEY_BYTES])
{
	uint8_t shared[NOISE_KEY_BYTES];
	/* Fails, in constant time, on an output that is all zero. */
	int error = crypto_scalarmult_curve25519(shared, ours->secret, theirs);

	if (!error)
		mix_key(h, shared);
	sodium_memzero(shared, sizeof(shared));
	sodium_stackzero(STACK_BYTES);
	return error ? -EPROTO : 0;
}

/* The Diffie-Hellman tokens. */
static int mix_token(struct noise_handshake *h, enum noise_token token)
{
	bool ours_is_static = token == NOISE_SS ||
			      token == (h->is_initiator ? NOISE_SE : NOISE_ES);
	bool theirs_is_static =
		token == NOISE_SS ||
		token == (h->is_initiator ? NOISE_ES : NOISE_SE);

	return mix_dh(h, ours_is_static ? h->s : &h->e,
		theirs_is_static ? h->rs : h->re);
}

size_t noise_overhead(const struct noise_pattern *pattern, int message)
{
	size_t n = 0, tag = 0;

	for (int i = 0; i <= message; i++) {
		n = 0;
		for (size_t t = 0; t < NOISE_TOKENS_MAX; t++) {
			enum noise_token token = pattern->tokens[i][t];

			if (token == NOISE_E)
				n += NOISE_KEY_BYTES;
			else if (token == NOISE_S)
				n += NOISE_KEY_BYTES + tag;
			else if (token != NOISE_NONE)
				tag = NOISE_TAG_BYTES; /* there is a key now */
		}
	}
	return n + tag;
}

ssize_t noise_write(struct noise_handshake *h, int message,
	const uint8_t *payload, size_t payload_bytes, uint8_t *out)
{
	const enum noise_token *tokens = h->pattern->tokens[message];
	uint8_t *at = out;
	int error = 0;

	for (size_t i = 0; i < NOISE_TOKENS_MAX && !error; i++) {
		switch (tokens[i]) {
		case NOISE_NONE:
			break;
		case NOISE_E:
			noise_identity_finish(&h->e);
			if (h->marks_e)
				h->e.public[NOISE_KEY_BYTES - 1] |= MARK;
			memcpy(at, h->e.public, NOISE_KEY_BYTES);
			mix_hash(h, at, NOISE_KEY_BYTES);
			at += NOISE_KEY_BYTES;
			break;
		case NOISE_S:
			error = encrypt_and_hash(
				h, h->s->public, NOISE_KEY_BYTES, at);
			at += NOISE_KEY_BYTES + tag_bytes(h);
			break;
		default:
			error = mix_token(h, tokens[i]);
			break;
		}
	}
	if (!error)
		error = encrypt_and_hash(h, payload, payload_bytes, at);
	return error ? error
		     : at - out + (ssize_t)(payload_bytes + tag_bytes(h));
}

ssize_t noise_read(struct noise_handshake *h, int message, const uint8_t *in,
	size_t n, uint8_t *out)
{
	const enum noise_token *tokens = h->pattern->tokens[message];
	const uint8_t *end = in + n;
	int error = 0;

	if (n < noise_overhead(h->pattern, message))
		return -EPROTO;
	for (size_t i = 0; i < NOISE_TOKENS_MAX && !error; i++) {
		switch (tokens[i]) {
		case NOISE_NONE:
			break;
		case NOISE_E:
			memcpy(h->re, in, NOISE_KEY_BYTES);
			mix_hash(h, in, NOISE_KEY_BYTES);
			in += NOISE_KEY_BYTES;
			break;
		case NOISE_S:
			error = decrypt_and_hash(
				h, in, NOISE_KEY_BYTES + tag_bytes(h), h->rs);
			in += NOISE_KEY_BYTES + tag_bytes(h);
			break;
		default:
			error = mix_token(h, tokens[i]);
			break;
		}
	}
	if (!error)
		error = decrypt_and_hash(h, in, (size_t)(end - in), out);
	return error ? error : end - in - (ssize_t)tag_bytes(h);
}
