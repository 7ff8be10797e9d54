// SPDX-License-Identifier: MIT
/*
 * In place of libsodium's primitives, so that a fuzzer gets past them: what is
 * sealed is in the clear, a tag is the sum of the bytes, and keys are added.
 * Linked with the harnesses of sessions, and nothing else.
 */
#include <sodium.h>
#include <string.h>

enum { TAG_BYTES = crypto_aead_chacha20poly1305_ietf_ABYTES, KEY_BYTES = 32 };

static void sum(unsigned char tag[static TAG_BYTES], const unsigned char *m,
	unsigned long long n)
{
	memset(tag, 0, TAG_BYTES);
	while (n--)
		*tag = (unsigned char)(*tag + *m++);
}

int crypto_aead_chacha20poly1305_ietf_encrypt(unsigned char *c,
	unsigned long long *length, const unsigned char *m,
	unsigned long long n, const unsigned char *ad,
	unsigned long long ad_bytes, const unsigned char *secret_nonce,
	const unsigned char *nonce, const unsigned char *k)
{
	(void)ad, (void)ad_bytes, (void)secret_nonce, (void)nonce, (void)k;
	if (n)
		memmove(c, m, n);
	sum(c + n, c, n);
	if (length)
		*length = n + TAG_BYTES;
	return 0;
}

int crypto_aead_chacha20poly1305_ietf_decrypt(unsigned char *m,
	unsigned long long *length, unsigned char *secret_nonce,
	const unsigned char *c, unsigned long long n, const unsigned char *ad,
	unsigned long long ad_bytes, const unsigned char *nonce,
	const unsigned char *k)
{
	unsigned char tag[TAG_BYTES];

	(void)secret_nonce, (void)ad, (void)ad_bytes, (void)nonce, (void)k;
	if (n < TAG_BYTES)
		return -1;
	n -= TAG_BYTES;
	sum(tag, c, n);
	if (memcmp(tag, c + n, TAG_BYTES) != 0)
		return -1;
	if (n)
		memmove(m, c, n);
	if (length)
		*length = n;
	return 0;
}

int crypto_scalarmult_curve25519_base(
	unsigned char *public, const unsigned char *secret)
{
	memcpy(public, secret, KEY_BYTES);
	return 0;
}

/* As there, an output of zeros is an error. */
int crypto_scalarmult_curve25519(unsigned char *shared,
	const unsigned char *secret, const unsigned char *public)
{
	for (int i = 0; i < KEY_BYTES; i++)
		shared[i] = (unsigned char)(secret[i] + public[i]);
	return sodium_is_zero(shared, KEY_BYTES) ? -1 : 0;
}
