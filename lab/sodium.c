// SPDX-License-Identifier: MIT
/*
 * sodium: what libsodium alone needs for the work of a secure session, to be
 * counted and timed beside the server. `sodium pair N` opens a sealed request
 * and seals a reply, N times. `sodium handshake N` does the responder's curve
 * work, which is three multiplications and one of the base point, N times. It
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

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned char key[32], point[32];
	long times = argc == 3 ? atol(argv[2]) : 0;

	if (times <= 0 || sodium_init() < 0)
		errx(2, "usage: sodium pair|handshake N");
	memset(key, 7, sizeof(key));
	crypto_scalarmult_curve25519_base(point, key);

	double began = cpu_ns();
	for (long n = times; n > 0; n--)
		(!strcmp(argv[1], "pair") ? pair : handshake)(key, point);
	printf("%.1f ns\n", (cpu_ns() - began) / (double)times);
	return 0;
}
