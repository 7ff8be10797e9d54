// SPDX-License-Identifier: MIT
/*
 * Does a branch or an index in our code depend on a secret? To be run under
 * valgrind's memcheck: private keys are marked as undefined memory, what is
 * computed from them then is too, and memcheck complains when that decides
 * where the program goes. libsodium is taken at its word: it is given plain
 * copies, and what it makes of a secret is a secret again, except for what is
 * public by nature (public keys, ciphertexts, whether a tag was right).
 *
 * With an argument, the test does what it forbids, and must be caught.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "crypto/random.h"
#include "proto/session.h"

#define SECRET(bytes, n) VALGRIND_MAKE_MEM_UNDEFINED(bytes, n)
#define PUBLIC(bytes, n) VALGRIND_MAKE_MEM_DEFINED(bytes, n)

enum { KEY = 32, ROOM = 4096 };

/* A plain copy of n secret bytes. */
static const unsigned char *plain(const void *bytes, size_t n, int which)
{
	static unsigned char copies[2][ROOM];

	if (n)
		memcpy(copies[which], bytes, n);
	PUBLIC(copies[which], n);
	return copies[which];
}

/* The linker puts __wrap_* in the place of libsodium's (--wrap). */
#define WRAPPED(name) extern __typeof__(name) __real_##name, __wrap_##name

WRAPPED(crypto_scalarmult_curve25519);
WRAPPED(crypto_scalarmult_curve25519_base);
WRAPPED(crypto_auth_hmacsha256);
WRAPPED(crypto_aead_chacha20poly1305_ietf_encrypt);
WRAPPED(crypto_aead_chacha20poly1305_ietf_decrypt);

int __wrap_crypto_scalarmult_curve25519(
	unsigned char *q, const unsigned char *n, const unsigned char *p)
{
	int result =
		__real_crypto_scalarmult_curve25519(q, plain(n, KEY, 0), p);

	SECRET(q, KEY);
	return result;
}

int __wrap_crypto_scalarmult_curve25519_base(
	unsigned char *q, const unsigned char *n)
{
	return __real_crypto_scalarmult_curve25519_base(q, plain(n, KEY, 0));
}

int __wrap_crypto_auth_hmacsha256(unsigned char *out, const unsigned char *in,
	unsigned long long n, const unsigned char *k)
{
	int result = __real_crypto_auth_hmacsha256(
		out, plain(in, (size_t)n, 0), n, plain(k, KEY, 1));

	SECRET(out, KEY);
	return result;
}

int __wrap_crypto_aead_chacha20poly1305_ietf_encrypt(unsigned char *c,
	unsigned long long *c_bytes, const unsigned char *m,
	unsigned long long n, const unsigned char *ad,
	unsigned long long ad_bytes, const unsigned char *unused,
	const unsigned char *nonce, const unsigned char *k)
{
	return __real_crypto_aead_chacha20poly1305_ietf_encrypt(c, c_bytes,
		plain(m, (size_t)n, 0), n, ad, ad_bytes, unused, nonce,
		plain(k, KEY, 1));
}

int __wrap_crypto_aead_chacha20poly1305_ietf_decrypt(unsigned char *m,
	unsigned long long *m_bytes, unsigned char *unused,
	const unsigned char *c, unsigned long long n, const unsigned char *ad,
	unsigned long long ad_bytes, const unsigned char *nonce,
	const unsigned char *k)
{
	return __real_crypto_aead_chacha20poly1305_ietf_decrypt(m, m_bytes,
		unused, c, n, ad, ad_bytes, nonce, plain(k, KEY, 1));
}

static void draw(uint8_t *bytes, size_t n)
{
	random_bytes(bytes, n);
	SECRET(bytes, n);
}

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	(void)session;
	(void)host;
	(void)request;
	*reply = (struct reply){ 2, "-7" };
}

static int replies;

static void replied(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	(void)session;
	(void)host;
	(void)request;
	(void)reply;
	replies++;
}

static bool is_allowed(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	(void)host;
	return key;
}

static struct side {
	struct session_host host;
	struct session session;
	struct handshake handshake;
	struct noise_identity identity;
	struct buffer out;
	uint8_t sent[ROOM];
} client, server;

static void begin(struct side *s)
{
	*s = (struct side){
		.host = { .draw = draw,
			.answer = answer,
			.replied = replied,
			.is_allowed = is_allowed,
			.identity = &s->identity },
		.out.size = ROOM,
	};
	s->out.bytes = s->sent;
	draw(s->identity.secret, KEY);
	noise_identity_finish(&s->identity);
}

static void pass(struct side *from, struct side *to)
{
	if (session_feed(&to->session, &to->host, from->sent, from->out.len,
		    false, &to->out) != (ssize_t)from->out.len)
		abort();
	from->out.len = 0;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (!RUNNING_ON_VALGRIND || crypto_init())
		return 2;
	begin(&client);
	begin(&server);
	if (session_connect(&client.session, EXCHANGE_NOISE, &client.handshake,
		    &client.host, &client.out))
		abort();
	session_accept(&server.session, &server.handshake);
	pass(&client, &server);
	pass(&server, &client);
	pass(&client, &server);
	for (enum command c = COMMAND_TEMP; replies < 3; replies++) {
		if (session_send(&client.session, c, &client.out))
			abort();
		pass(&client, &server);
		pass(&server, &client);
	}
	if (argc > 1 && server.session.keys.noise.transport.send.k[0] & 1)
		puts("odd");
	session_wipe(&client.session);
	session_wipe(&server.session);
	return 0;
}
