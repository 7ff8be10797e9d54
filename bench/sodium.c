// SPDX-License-Identifier: MIT
/*
 * sodium: what libsodium alone takes for the work of a secure session, to be
 * counted beside the server: `sodium pair N` opens a sealed request and seals
 * a reply, N times, `sodium handshake N` does the responder's curve work,
 * three multiplications and one of the base point. Knows nothing of smx.
 */
#include <err.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

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
		errx(1, "what was sealed does not open");
}

static void handshake(unsigned char *key, unsigned char *point)
{
	unsigned char out[crypto_scalarmult_curve25519_BYTES];

	crypto_scalarmult_curve25519_base(out, key);
	for (int i = 0; i < 3; i++)
		if (crypto_scalarmult_curve25519(out, key, point))
			errx(1, "a point of low order");
}

int main(int argc, char **argv)
{
	unsigned char key[32], point[32];

	if (argc != 3 || sodium_init() < 0)
		errx(2, "usage: sodium pair|handshake N");
	memset(key, 7, sizeof(key));
	crypto_scalarmult_curve25519_base(point, key);
	for (long n = atol(argv[2]); n > 0; n--)
		(!strcmp(argv[1], "pair") ? pair : handshake)(key, point);
	return 0;
}
