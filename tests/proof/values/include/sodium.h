// SPDX-License-Identifier: MIT
/*
 * What is called of libsodium, by contract: what each call reads and writes,
 * and that a check may fail.
 */
#pragma once

#include <stddef.h>

#define crypto_aead_chacha20poly1305_ietf_NPUBBYTES 12u

/* clang-format off */
/*@ requires out: \valid(out + (0 .. n + 15));
  @ requires in: n > 0 ==> \valid_read(in + (0 .. n - 1));
  @ requires in: n > 0 ==> \initialized(in + (0 .. n - 1));
  @ requires ad: ad_bytes > 0 ==> \initialized(ad + (0 .. ad_bytes - 1));
  @ requires nonce: \initialized(nonce + (0 .. 11));
  @ requires key: \initialized(key + (0 .. 31));
  @ requires unused: !out_bytes && !secret_nonce;
  @ assigns out[0 .. n + 15] \from in[0 .. n - 1], nonce[0 .. 11], key[0 .. 31];
  @ assigns \result \from \nothing;
  @ ensures \initialized(out + (0 .. n + 15));
  @ ensures \result == 0;
  @*/
int crypto_aead_chacha20poly1305_ietf_encrypt(unsigned char *out,
	unsigned long long *out_bytes, const unsigned char *in,
	unsigned long long n, const unsigned char *ad,
	unsigned long long ad_bytes, const unsigned char *secret_nonce,
	const unsigned char *nonce, const unsigned char *key);

/*@ requires tag: n >= 16;
  @ requires out: n > 16 ==> \valid(out + (0 .. n - 17));
  @ requires in: \valid_read(in + (0 .. n - 1));
  @ requires in: \initialized(in + (0 .. n - 1));
  @ requires ad: ad_bytes > 0 ==> \initialized(ad + (0 .. ad_bytes - 1));
  @ requires nonce: \initialized(nonce + (0 .. 11));
  @ requires key: \initialized(key + (0 .. 31));
  @ requires unused: !out_bytes && !secret_nonce;
  @ assigns out[0 .. n - 17] \from in[0 .. n - 1], nonce[0 .. 11], key[0 .. 31];
  @ assigns \result \from in[0 .. n - 1], nonce[0 .. 11], key[0 .. 31];
  @ ensures \result == 0 || \result == -1;
  @ ensures \result == 0 && n > 16 ==> \initialized(out + (0 .. n - 17));
  @*/
int crypto_aead_chacha20poly1305_ietf_decrypt(unsigned char *out,
	unsigned long long *out_bytes, unsigned char *secret_nonce,
	const unsigned char *in, unsigned long long n, const unsigned char *ad,
	unsigned long long ad_bytes, const unsigned char *nonce,
	const unsigned char *key);

typedef struct {
	unsigned char opaque[208];
} crypto_auth_hmacsha256_state;

/*@ requires state: \valid(state);
  @ requires key: \initialized(key + (0 .. n - 1));
  @ assigns *state \from key[0 .. n - 1];
  @ assigns \result \from \nothing;
  @ ensures \initialized(&state->opaque[0 .. 207]);
  @*/
int crypto_auth_hmacsha256_init(crypto_auth_hmacsha256_state *state,
	const unsigned char *key, size_t n);

/*@ requires state: \valid(state) && \initialized(&state->opaque[0 .. 207]);
  @ requires in: \initialized(in + (0 .. n - 1));
  @ assigns *state \from *state, in[0 .. n - 1];
  @ assigns \result \from \nothing;
  @ ensures \initialized(&state->opaque[0 .. 207]);
  @*/
int crypto_auth_hmacsha256_update(crypto_auth_hmacsha256_state *state,
	const unsigned char *in, unsigned long long n);

/*@ requires state: \valid(state) && \initialized(&state->opaque[0 .. 207]);
  @ requires out: \valid(out + (0 .. 31));
  @ assigns out[0 .. 31], *state \from *state;
  @ assigns \result \from \nothing;
  @ ensures \initialized(out + (0 .. 31));
  @*/
int crypto_auth_hmacsha256_final(
	crypto_auth_hmacsha256_state *state, unsigned char *out);

/*@ requires out: \valid(out + (0 .. 31));
  @ requires in: n > 0 ==> \initialized(in + (0 .. n - 1));
  @ requires key: \initialized(key + (0 .. 31));
  @ assigns out[0 .. 31] \from in[0 .. n - 1], key[0 .. 31];
  @ assigns \result \from \nothing;
  @ ensures \initialized(out + (0 .. 31));
  @*/
int crypto_auth_hmacsha256(unsigned char *out, const unsigned char *in,
	unsigned long long n, const unsigned char *key);

typedef struct {
	unsigned char opaque[104];
} crypto_hash_sha256_state;

/*@ requires state: \valid(state);
  @ assigns *state \from \nothing;
  @ assigns \result \from \nothing;
  @ ensures \initialized(&state->opaque[0 .. 103]);
  @*/
int crypto_hash_sha256_init(crypto_hash_sha256_state *state);

/*@ requires state: \valid(state) && \initialized(&state->opaque[0 .. 103]);
  @ requires in: n > 0 ==> \initialized(in + (0 .. n - 1));
  @ assigns *state \from *state, in[0 .. n - 1];
  @ assigns \result \from \nothing;
  @ ensures \initialized(&state->opaque[0 .. 103]);
  @*/
int crypto_hash_sha256_update(crypto_hash_sha256_state *state,
	const unsigned char *in, unsigned long long n);

/*@ requires state: \valid(state) && \initialized(&state->opaque[0 .. 103]);
  @ requires out: \valid(out + (0 .. 31));
  @ assigns out[0 .. 31], *state \from *state;
  @ assigns \result \from \nothing;
  @ ensures \initialized(out + (0 .. 31));
  @*/
int crypto_hash_sha256_final(
	crypto_hash_sha256_state *state, unsigned char *out);

/*@ requires out: \valid(out + (0 .. 31));
  @ requires scalar: \initialized(scalar + (0 .. 31));
  @ assigns out[0 .. 31] \from scalar[0 .. 31];
  @ assigns \result \from \nothing;
  @ ensures \initialized(out + (0 .. 31));
  @*/
int crypto_scalarmult_curve25519_base(
	unsigned char *out, const unsigned char *scalar);

/*@ requires out: \valid(out + (0 .. 31));
  @ requires scalar: \initialized(scalar + (0 .. 31));
  @ requires point: \initialized(point + (0 .. 31));
  @ assigns out[0 .. 31], \result \from scalar[0 .. 31], point[0 .. 31];
  @ ensures \result == 0 || \result == -1;
  @ ensures \initialized(out + (0 .. 31));
  @*/
int crypto_scalarmult_curve25519(unsigned char *out,
	const unsigned char *scalar, const unsigned char *point);

/*@ requires room: \valid((char *)at + (0 .. n - 1));
  @ assigns ((char *)at)[0 .. n - 1] \from \nothing;
  @ ensures \initialized((char *)at + (0 .. n - 1));
  @*/
void sodium_memzero(void *at, size_t n);

//@ assigns \nothing;
void sodium_stackzero(size_t n);
