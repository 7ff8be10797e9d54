// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>

#include "proto/exchange.h"

/* What draw_script() hands out, byte after byte. */
static uint8_t script[512];
static size_t script_at;

static void draw_script(uint8_t *bytes, size_t n)
{
	assert_true(script_at + n <= sizeof(script));
	memcpy(bytes, script + script_at, n);
	script_at += n;
}

struct side {
	struct handshake handshake;
	union keys keys;
};

static struct side start(enum role role, void (*draw)(uint8_t *, size_t))
{
	const struct session_host host = { .draw = draw };
	struct side s = { .handshake.role = role };

	exchange_xor.start(&s.handshake, &s.keys, &host);
	return s;
}

/* The three flights, as they cross the wire. */
static void run(struct side *client, struct side *server,
	uint8_t flights[FLIGHTS_MAX][XOR_KEY_BYTES])
{
	struct side *writer = client, *reader = server;

	for (int i = 0; i < FLIGHTS_MAX; i++) {
		struct side *other = writer;

		assert_int_equal(
			exchange_xor.write(&writer->handshake, i, flights[i]),
			0);
		assert_int_equal(exchange_xor.read(&reader->handshake,
					 &reader->keys, i, flights[i]),
			0);
		writer = reader;
		reader = other;
	}
	exchange_xor.finish(&client->handshake, &client->keys);
	exchange_xor.finish(&server->handshake, &server->keys);
}

static void the_flights_have_128_bytes(void **state)
{
	(void)state;
	assert_string_equal(exchange_xor.name, "xor");
	assert_int_equal(exchange_xor.flights, 3);
	assert_null(exchange_xor.peer);
	for (int i = 0; i < FLIGHTS_MAX; i++)
		assert_int_equal(exchange_xor.flight_bytes[i], 128);
	assert_ptr_equal(exchanges[EXCHANGE_XOR], &exchange_xor);
	assert_int_equal(exchange_xor.patience[ROLE_SERVER], 1000);
	assert_int_equal(exchange_xor.patience[ROLE_CLIENT], 20);
}

static void the_five_steps_give_what_they_give_by_hand(void **state)
{
	uint8_t flights[FLIGHTS_MAX][XOR_KEY_BYTES];
	struct side client, server;

	(void)state;
	/* C[i] = 40 + i, X[i] = 80 + i; S[i] = C0 + i: sums without carry. */
	for (uint8_t i = 0; i < 64; i++)
		script[i] = 0x40 + i;
	for (uint8_t i = 0; i < 128; i++)
		script[64 + i] = 0x80 + i;
	script_at = 0;
	client = start(ROLE_CLIENT, draw_script);
	assert_int_equal(script_at, 64 + 128);
	for (uint8_t i = 0; i < 64; i++)
		script[i] = 0xc0 + i;
	script_at = 0;
	server = start(ROLE_SERVER, draw_script);
	assert_int_equal(script_at, 64);

	run(&client, &server, flights);
	for (int i = 0; i < 64; i++) {
		assert_int_equal(flights[0][i], 0xc0);      /* 80 ^ 40 */
		assert_int_equal(flights[0][64 + i], 0x80); /* C0 ^ 40 */
		assert_int_equal(flights[1][i], i);         /* C0 ^ C0 + i */
		assert_int_equal(flights[1][64 + i], 0x40 + i);
		assert_int_equal(flights[2][i], 0x40); /* i ^ 40 + i */
		assert_int_equal(flights[2][64 + i], 0);
	}
	for (int i = 0; i < 128; i++) {
		assert_int_equal(client.keys.xor [i], 0x80 + i);
		assert_int_equal(server.keys.xor [i], 0x80 + i);
	}
}

static void both_sides_have_the_key_and_so_has_who_listens(void **state)
{
	(void)state;
	for (int round = 0; round < 1000; round++) {
		struct side client = start(ROLE_CLIENT, dice_bytes);
		struct side server = start(ROLE_SERVER, dice_bytes);
		uint8_t flights[FLIGHTS_MAX][XOR_KEY_BYTES];

		run(&client, &server, flights);
		assert_memory_equal(
			client.keys.xor, server.keys.xor, XOR_KEY_BYTES);
		for (int i = 0; i < XOR_KEY_BYTES; i++) {
			assert_int_not_equal(client.keys.xor [i], 0);
			assert_int_not_equal(
				client.handshake.xor.mask[i % 64], 0);
			assert_int_not_equal(
				server.handshake.xor.mask[i % 64], 0);
			assert_int_equal(
				flights[0][i] ^ flights[1][i] ^ flights[2][i],
				client.keys.xor [i]);
		}
	}
}

static void a_zero_that_is_drawn_is_drawn_again(void **state)
{
	struct side server;

	(void)state;
	memset(script, 0, sizeof(script));
	for (size_t i = 1; i < 64; i++)
		script[i] = (uint8_t)i;
	/* In place of byte 0: two more zeros, and then 99. */
	script[66] = 99;
	script_at = 0;
	server = start(ROLE_SERVER, draw_script);
	assert_int_equal(script_at, 67);
	assert_int_equal(server.handshake.xor.mask[0], 99);
	for (int i = 1; i < 64; i++)
		assert_int_equal(server.handshake.xor.mask[i], i);
}

static void zeros_that_are_received_are_taken(void **state)
{
	static const uint8_t zeros[XOR_KEY_BYTES];
	struct side server = start(ROLE_SERVER, dice_bytes);
	uint8_t flight[XOR_KEY_BYTES];

	(void)state;
	assert_int_equal(
		exchange_xor.read(&server.handshake, &server.keys, 0, zeros),
		0);
	assert_int_equal(exchange_xor.write(&server.handshake, 1, flight), 0);
	for (int i = 0; i < XOR_KEY_BYTES; i++)
		assert_int_equal(flight[i], server.handshake.xor.mask[i % 64]);
	assert_int_equal(
		exchange_xor.read(&server.handshake, &server.keys, 2, flight),
		0);
	exchange_xor.finish(&server.handshake, &server.keys);
	assert_memory_equal(server.keys.xor, zeros, XOR_KEY_BYTES);
}

static void the_key_starts_again_with_each_message(void **state)
{
	uint8_t text[MESSAGE_MAX], bytes[2 * MESSAGE_MAX];
	union keys keys;

	(void)state;
	dice_bytes(keys.xor, sizeof(keys.xor));
	dice_bytes(text, sizeof(text));
	for (size_t n = 1; n <= MESSAGE_MAX; n++) {
		struct buffer out = { .bytes = bytes, .size = sizeof(bytes) };

		assert_int_equal(exchange_xor.seal(&keys, text, n, &out), 0);
		assert_int_equal(exchange_xor.seal(&keys, text, n, &out), 0);
		assert_int_equal(out.len, 2 * n);
		assert_memory_equal(bytes, bytes + n, n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(
				bytes[i], text[i] ^ keys.xor [i % 128]);
	}
}

static void what_does_not_fit_is_refused_whole(void **state)
{
	uint8_t bytes[8] = "1234567";
	struct buffer out = { .bytes = bytes, .len = 3, .size = 7 };
	union keys keys = { .xor = { 1 } };

	(void)state;
	assert_int_equal(exchange_xor.seal(&keys, reply_error, 4, &out), 0);
	assert_int_equal(out.len, 7);
	assert_int_equal(
		exchange_xor.seal(&keys, reply_error, 1, &out), -ENOBUFS);
	assert_int_equal(out.len, 7);
	assert_memory_equal(bytes, "123\xdf\xad\xbe\xef", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_flights_have_128_bytes),
		cmocka_unit_test(the_five_steps_give_what_they_give_by_hand),
		cmocka_unit_test(
			both_sides_have_the_key_and_so_has_who_listens),
		cmocka_unit_test(a_zero_that_is_drawn_is_drawn_again),
		cmocka_unit_test(zeros_that_are_received_are_taken),
		cmocka_unit_test(the_key_starts_again_with_each_message),
		cmocka_unit_test(what_does_not_fit_is_refused_whole),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
