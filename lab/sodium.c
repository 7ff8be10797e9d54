// SPDX-License-Identifier: MIT
/*
 * sodium: what libsodium alone needs for the work of a secure session, to be
 * counted and timed beside the server. `sodium pair N` opens a sealed request
 * and seals a reply, N times. `sodium handshake N` does the responder's curve
 * work, which is three multiplications and one of the base point, N times, and
 * `sodium flights N` all the calls that the responder of Noise XX must make. It
 * prints how many nanoseconds of processor time each took. Knows nothing of
 * smx.
 */
#include <err.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT = 32, SEALED = TEXT + crypto_aead_chacha20poly1305_ietf_ABYTES };

static void pair(unsigned char *key, unsigned char *point)
{
	unsigned char nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = {
		0
	};
	unsigned char text[TEXT], sealed[SEALED];

	(void)point;
	crypto_aead_chacha20poly1305_ietf_encrypt(
		sealed, NULL, key, TEXT, NULL, 0, NULL, nonce, key);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(
		    text, NULL, NULL, sealed, SEALED, NULL, 0, nonce, key))
		errx(1, "a sealed message does not open");
}

static void handshake(unsigned char *key, unsigned char *point)
{
	unsigned char out[crypto_scalarmult_curve25519_BYTES];

	crypto_scalarmult_curve25519_base(out, key);
	for (int i = 0; i < 3; i++)
		if (crypto_scalarmult_curve25519(out, key, point))
			errx(1, "a point of low order");
}

/* MixHash() of n bytes. */
static void hash(size_t n)
{
	static unsigned char h[crypto_hash_sha256_BYTES], data[SEALED];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, h, sizeof(h));
	crypto_hash_sha256_update(&state, data, n);
	crypto_hash_sha256_final(&state, h);
}

/* HKDF() with two outputs, whose common key is hashed once. */
static void derive(const unsigned char *key)
{
	unsigned char out[crypto_auth_hmacsha256_BYTES + 1] = { 0 };
	crypto_auth_hmacsha256_state keyed, again;

	crypto_auth_hmacsha256(out, key, 32, key);
	crypto_auth_hmacsha256_init(&keyed, out, 32);
	again = keyed;
	crypto_auth_hmacsha256_update(&keyed, out, 1);
	crypto_auth_hmacsha256_final(&keyed, out);
	crypto_auth_hmacsha256_update(&again, out, sizeof(out));
	crypto_auth_hmacsha256_final(&again, out);
}

/* EncryptAndHash(), then DecryptAndHash(), of n bytes. */
static void seal_and_open(unsigned char *key, size_t n)
{
	unsigned char nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = {
		0
	};
	unsigned char text[TEXT], sealed[SEALED];

	crypto_aead_chacha20poly1305_ietf_encrypt(
		sealed, NULL, key, n, key, 32, NULL, nonce, key);
	hash(n + 16);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(
		    text, NULL, NULL, sealed, n + 16, key, 32, nonce, key))
		errx(1, "a sealed message does not open");
	hash(n + 16);
}

/*
 * Noise specification, 5 and 7.5: the responder reads e, writes e, ee, s, es,
 * and reads s, se. Both sides send their static key and an empty payload.
 */
static void flights(unsigned char *key, unsigned char *point)
{
	unsigned char ephemeral[32];

	hash(8); /* the prologue */
	hash(32);
	hash(0);
	randombytes_buf(ephemeral, sizeof(ephemeral));
	hash(32);
	handshake(key, point);
	for (int i = 0; i < 4; i++) /* three mixes, and Split() */
		derive(key);
	seal_and_open(key, 32);
	seal_and_open(key, 0);
}

static const struct work {
	const char *name;
	void (*run)(unsigned char *key, unsigned char *point);
} works[] = {
	{ "pair", pair },
	{ "handshake", handshake },
	{ "flights", flights },
};

static const struct work *find(const char *name)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++)
		if (!strcmp(works[i].name, name))
			return &works[i];
	return NULL;
}

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned char key[32], point[32];
	const struct work *work = argc == 3 ? find(argv[1]) : NULL;
	long times = argc == 3 ? atol(argv[2]) : 0;

	if (!work || times <= 0 || sodium_init() < 0)
		errx(2, "usage: sodium pair|handshake|flights N");
	memset(key, 7, sizeof(key));
	crypto_scalarmult_curve25519_base(point, key);

	double began = cpu_ns();
	for (long n = times; n > 0; n--)
		work->run(key, point);
	printf("%.1f ns\n", (cpu_ns() - began) / (double)times);
	return 0;
}
