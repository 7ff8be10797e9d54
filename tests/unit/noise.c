// SPDX-License-Identifier: MIT
#include "helper.h"
#include "low_order.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "crypto/noise.h"

enum { ROOM = 4096 };

static size_t bytes_of(const json_t *object, const char *name, uint8_t *bytes)
{
	const char *hex = json_string_value(json_object_get(object, name));
	size_t n;

	assert_non_null(hex);
	assert_int_equal(
		sodium_hex2bin(bytes, ROOM, hex, strlen(hex), NULL, &n, NULL),
		0);
	return n;
}

/* One side of a vector, with the keys that it gives. */
struct side {
	struct noise_identity identity;
	struct noise_handshake handshake;
	struct noise_transport transport;
};

static void begin(struct side *s, const json_t *v, const char *who)
{
	uint8_t prologue[ROOM], ephemeral[ROOM], secret[ROOM];
	char name[32];
	size_t n;

	snprintf(name, sizeof(name), "%s_static", who);
	assert_int_equal(bytes_of(v, name, secret), NOISE_KEY_BYTES);
	memcpy(s->identity.secret, secret, NOISE_KEY_BYTES);
	noise_identity_finish(&s->identity);
	snprintf(name, sizeof(name), "%s_ephemeral", who);
	assert_int_equal(bytes_of(v, name, ephemeral), NOISE_KEY_BYTES);
	snprintf(name, sizeof(name), "%s_prologue", who);
	n = bytes_of(v, name, prologue);
	noise_start(&s->handshake, &noise_xx, !strcmp(who, "init"), prologue, n,
		&s->identity, ephemeral);
}

/* The bytes must be the published ones, and the other side must read them. */
static void run_message(
	struct side *from, struct side *to, const json_t *message, int i)
{
	uint8_t payload[ROOM], expected[ROOM], sent[ROOM], read[ROOM];
	size_t n = bytes_of(message, "payload", payload);
	size_t length = bytes_of(message, "ciphertext", expected);

	if (i < noise_xx.messages) {
		assert_int_equal(
			noise_write(&from->handshake, i, payload, n, sent),
			length);
		assert_int_equal(noise_overhead(&noise_xx, i) + n, length);
		assert_int_equal(
			noise_read(&to->handshake, i, sent, length, read), n);
	} else {
		assert_int_equal(length, n + NOISE_TAG_BYTES);
		assert_int_equal(
			noise_encrypt(&from->transport.send, payload, n, sent),
			0);
		assert_int_equal(noise_decrypt(&to->transport.receive, sent,
					 length, read),
			0);
	}
	assert_memory_equal(sent, expected, length);
	assert_memory_equal(read, payload, n);
}

static void run_vector(const json_t *v)
{
	static struct side init, resp;
	const json_t *messages = json_object_get(v, "messages");
	uint8_t hash[ROOM];

	begin(&init, v, "init");
	begin(&resp, v, "resp");
	for (size_t i = 0; i < json_array_size(messages); i++) {
		bool is_initiators = i % 2 == 0;

		if (i == noise_xx.messages) {
			noise_split(&init.handshake, &init.transport);
			noise_split(&resp.handshake, &resp.transport);
		}
		run_message(is_initiators ? &init : &resp,
			is_initiators ? &resp : &init,
			json_array_get(messages, i), (int)i);
	}
	assert_memory_equal(init.handshake.h, resp.handshake.h, 32);
	if (json_object_get(v, "handshake_hash")) {
		assert_int_equal(bytes_of(v, "handshake_hash", hash), 32);
		assert_memory_equal(init.handshake.h, hash, 32);
	}
}

static void the_published_vectors_pass_in_both_roles(void **state)
{
	json_t *vectors = json_load_file(getenv("SMX_VECTORS"), 0, NULL);
	size_t i, j, run = 0;
	json_t *source, *v;

	(void)state;
	assert_non_null(vectors);
	json_array_foreach(json_object_get(vectors, "sources"), i, source)
		json_array_foreach(json_object_get(source, "vectors"), j, v)
	{
		run_vector(v);
		run++;
	}
	assert_true(run >= 3);
	json_decref(vectors);
}

static void draw_identity(struct noise_identity *identity)
{
	dice_bytes(identity->secret, sizeof(identity->secret));
	noise_identity_finish(identity);
}

/* Two sides that have come as far as message number messages. */
static void pair(struct side *init, struct side *resp, int messages)
{
	uint8_t ephemeral[NOISE_KEY_BYTES], sent[ROOM], read[ROOM];

	draw_identity(&init->identity);
	draw_identity(&resp->identity);
	dice_bytes(ephemeral, sizeof(ephemeral));
	noise_start(&init->handshake, &noise_xx, true, NULL, 0, &init->identity,
		ephemeral);
	dice_bytes(ephemeral, sizeof(ephemeral));
	noise_start(&resp->handshake, &noise_xx, false, NULL, 0,
		&resp->identity, ephemeral);
	for (int i = 0; i < messages; i++) {
		struct side *from = i % 2 ? resp : init;
		struct side *to = i % 2 ? init : resp;
		ssize_t n = noise_write(&from->handshake, i, NULL, 0, sent);

		assert_int_equal(n, noise_overhead(&noise_xx, i));
		assert_int_equal(
			noise_read(&to->handshake, i, sent, (size_t)n, read),
			0);
	}
}

static void each_side_learns_whose_key_the_other_holds(void **state)
{
	static struct side init, resp;

	(void)state;
	pair(&init, &resp, noise_xx.messages);
	assert_memory_equal(init.handshake.rs, resp.identity.public, 32);
	assert_memory_equal(resp.handshake.rs, init.identity.public, 32);
	noise_split(&init.handshake, &init.transport);
	noise_split(&resp.handshake, &resp.transport);
	assert_memory_equal(
		init.transport.send.k, resp.transport.receive.k, 32);
	assert_memory_equal(
		init.transport.receive.k, resp.transport.send.k, 32);
	assert_memory_not_equal(
		init.transport.send.k, init.transport.receive.k, 32);
}

static void an_ephemeral_key_of_low_order_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOW_ORDER_POINTS; i++) {
		static struct side init, resp;
		uint8_t flight[ROOM], out[ROOM];
		ssize_t n;

		/* As the initiator's: the responder's ee fails. */
		pair(&init, &resp, 0);
		low_order_point(i, flight);
		assert_int_equal(
			noise_read(&resp.handshake, 0, flight, 32, out), 0);
		assert_int_equal(
			noise_write(&resp.handshake, 1, NULL, 0, out), -EPROTO);
		/* And the other way round. */
		pair(&init, &resp, 1);
		n = noise_write(&resp.handshake, 1, NULL, 0, out);
		assert_true(n > 0);
		memcpy(out, flight, 32);
		assert_int_equal(
			noise_read(&init.handshake, 1, out, (size_t)n, flight),
			-EPROTO);
	}
}

static void a_static_key_of_low_order_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOW_ORDER_POINTS; i++) {
		static struct side init, resp;
		uint8_t out[ROOM], read[ROOM];
		ssize_t n;

		pair(&init, &resp, 2);
		/* Sealed properly, but a key that nobody can hold. */
		low_order_point(i, init.identity.public);
		n = noise_write(&init.handshake, 2, NULL, 0, out);
		assert_true(n > 0);
		assert_int_equal(
			noise_read(&resp.handshake, 2, out, (size_t)n, read),
			-EPROTO);
	}
}

static void a_message_that_is_too_short_is_refused(void **state)
{
	static struct side init, resp;
	uint8_t out[ROOM] = { 0 }, read[ROOM];

	(void)state;
	for (int i = 0; i < noise_xx.messages; i++)
		for (size_t n = 0; n < noise_overhead(&noise_xx, i); n++) {
			pair(&init, &resp, i);
			assert_int_equal(noise_read(i % 2 ? &init.handshake
							  : &resp.handshake,
						 i, out, n, read),
				-EPROTO);
		}
}

static void the_last_nonce_is_never_used(void **state)
{
	struct noise_cipher c = { .n = UINT64_MAX - 1 }, same = c;
	uint8_t text[32] = "text", sealed[48], again[32];

	(void)state;
	assert_int_equal(noise_encrypt(&c, text, 32, sealed), 0);
	assert_int_equal(noise_encrypt(&c, text, 32, sealed), -EOVERFLOW);
	same.n = UINT64_MAX - 1;
	assert_int_equal(noise_decrypt(&same, sealed, 48, again), 0);
	assert_int_equal(noise_decrypt(&same, sealed, 48, again), -EOVERFLOW);
}

static void a_wrong_tag_leaves_the_cipher_as_it_was(void **state)
{
	struct noise_cipher c = { .k = { 1 } }, d = c;
	uint8_t text[32] = "text", sealed[48], again[32];

	(void)state;
	assert_int_equal(noise_encrypt(&c, text, 32, sealed), 0);
	for (int bit = 0; bit < 48 * 8; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(noise_decrypt(&d, sealed, 48, again), -EPROTO);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(noise_decrypt(&d, sealed, 48, again), 0);
	assert_memory_equal(again, text, 32);
	/* Replayed: its nonce is gone. */
	assert_int_equal(noise_decrypt(&d, sealed, 48, again), -EPROTO);
}

int main(void)
{
	const char *path = getenv("SMX_VECTORS");
	const struct CMUnitTest tests[] = {
		TEST_OR_SKIP(the_published_vectors_pass_in_both_roles,
			path && !access(path, R_OK),
			"SMX_VECTORS names no file", NULL, NULL),
		cmocka_unit_test(each_side_learns_whose_key_the_other_holds),
		cmocka_unit_test(an_ephemeral_key_of_low_order_is_refused),
		cmocka_unit_test(a_static_key_of_low_order_is_refused),
		cmocka_unit_test(a_message_that_is_too_short_is_refused),
		cmocka_unit_test(the_last_nonce_is_never_used),
		cmocka_unit_test(a_wrong_tag_leaves_the_cipher_as_it_was),
	};

	return sodium_init() < 0 ||
	       cmocka_run_group_tests(tests, dice_seed, NULL);
}
