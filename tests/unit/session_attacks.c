// SPDX-License-Identifier: MIT
/*
 * What an attacker may try on the path or at the other end of a secure session:
 * bytes that are changed, keys that are none, flights and frames that come
 * twice, too early, from elsewhere or not at all.
 */
#include "low_order.h"
#include "pair.h"

#include "crypto/random.h"

static struct side client, server, other;

static void an_ephemeral_key_of_low_order_ends_the_session(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOW_ORDER_POINTS; i++) {
		pair_start(&client, &server);
		low_order_point(i, client.sent + MAGIC_BYTES);
		side_ended(&server, pair_pass(&client, &server), -EPROTO);

		pair_flights(&client, &server, 1);
		low_order_point(i, server.sent);
		side_ended(&client, pair_pass(&server, &client), -EPROTO);
		assert_int_equal(client.judged, 0);
	}
}

/* Sealed as it should be, but nobody can hold a key to it. */
static void a_static_key_of_low_order_is_nobodys(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOW_ORDER_POINTS; i++) {
		pair_start(&client, &server);
		low_order_point(i, server.identity.public);
		assert_int_equal(pair_pass(&client, &server), 0);
		side_ended(&client, pair_pass(&server, &client), -EPROTO);
		assert_int_equal(client.judged, 0);
		/* It was the key: another one would have been mixed in. */
		assert_int_equal(client.handshake.noise.cipher.n, 1);

		pair_flights(&client, &server, 1);
		low_order_point(i, client.identity.public);
		assert_int_equal(pair_pass(&server, &client), 0);
		side_ended(&server, pair_pass(&client, &server), -EPROTO);
		assert_int_equal(server.judged, 0);
		assert_int_equal(server.handshake.noise.cipher.n, 2);
	}
}

static void each_flipped_bit_of_each_flight_ends_the_session(void **state)
{
	(void)state;
	for (int flight = 0; flight < FLIGHTS_MAX; flight++)
		for (size_t bit = flight ? 0 : MAGIC_BYTES * 8;
			bit < pair_flight_bytes[flight] * 8; bit++) {
			struct side *from = flight % 2 ? &server : &client;
			struct side *to = flight % 2 ? &client : &server;
			int error;

			pair_flights(&client, &server, flight);
			from->sent[bit / 8] ^= (uint8_t)(1 << bit % 8);
			error = pair_pass(from, to);
			/* A changed key is seen where a tag depends on it. */
			if (flight == 0 && !error) {
				error = pair_pass(&server, &client);
				to = &client;
			}
			side_ended(to, error, -EPROTO);
			assert_null(session_peer(&to->session));
			assert_int_equal(to->judged, 0);
			/* And it stays so. */
			side_ended(to, side_feed(to, "x", 1), -EPROTO);
		}
}

static void a_flight_of_another_session_is_refused(void **state)
{
	static uint8_t old[3][FLIGHT_2];

	(void)state;
	pair_start(&client, &server);
	for (int i = 0; i < FLIGHTS_MAX; i++) {
		struct side *from = i % 2 ? &server : &client;

		assert_int_equal(from->out.len, pair_flight_bytes[i]);
		memcpy(old[i], from->sent, from->out.len);
		assert_int_equal(pair_pass(from, i % 2 ? &client : &server), 0);
	}
	/* The whole of a client, replayed to the same server. */
	side_init(&other);
	other.identity = server.identity;
	session_accept(&other.session, &other.handshake);
	assert_int_equal(side_feed(&other, old[0], FLIGHT_1), 0);
	assert_int_equal(other.out.len, FLIGHT_2);
	other.out.len = 0;
	side_ended(&other, side_feed(&other, old[2], FLIGHT_3), -EPROTO);
	assert_int_equal(other.judged, 0);
	/* The same server's answer, replayed to the same client. */
	side_init(&other);
	other.identity = client.identity;
	side_connect(&other);
	other.out.len = 0;
	side_ended(&other, side_feed(&other, old[1], FLIGHT_2), -EPROTO);
	assert_int_equal(other.judged, 0);
}

static void a_flight_that_comes_twice_or_back_is_refused(void **state)
{
	uint8_t flight[FLIGHT_2];

	(void)state;
	/* Flight 1 again, where flight 3 should be. */
	pair_start(&client, &server);
	memcpy(flight, client.sent, FLIGHT_1);
	assert_int_equal(pair_pass(&client, &server), 0);
	server.out.len = 0;
	assert_int_equal(side_feed(&server, flight, FLIGHT_1), 0);
	side_ended(&server, side_feed(&server, flight, FLIGHT_1), -EPROTO);
	/* Flight 2 again, which is no frame. */
	pair_flights(&client, &server, 1);
	memcpy(flight, server.sent, FLIGHT_2);
	assert_int_equal(pair_pass(&server, &client), 0);
	client.out.len = 0;
	side_ended(&client, side_feed(&client, flight, FLIGHT_2), -EPROTO);
	/* What it said itself: flight 1 and more, mirrored. */
	pair_start(&client, &server);
	memcpy(flight, client.sent, FLIGHT_1);
	client.out.len = 0;
	assert_int_equal(side_feed(&client, flight, FLIGHT_1), 0);
	side_ended(&client, side_feed(&client, flight, FLIGHT_2 - FLIGHT_1),
		-EPROTO);
}

/* Two frames from one side: doubled, dropped, changed, or sent back to it. */
static void try_order(
	struct side *from, struct side *to, const char *order, size_t taken)
{
	uint8_t frames[2 * FRAME], back[FRAME];
	size_t heard = to->heard_count;
	int error = 0;

	assert_true(from->out.len >= sizeof(frames) && to->out.len >= FRAME);
	memcpy(frames, from->sent, sizeof(frames));
	memcpy(back, to->sent, sizeof(back));
	to->out.len = 0;
	for (const char *c = order; *c; c++) {
		uint8_t *frame =
			*c == 'b' ? back : frames + (*c == '0' ? 0 : FRAME);

		assert_int_equal(error, 0);
		if (*c == 'x')
			frame[FRAME - 1] ^= 1;
		error = side_feed(to, frame, FRAME);
		if (!error) {
			to->out.len = 0;
			taken--;
			heard++;
		}
	}
	side_ended(to, error, -EPROTO);
	assert_int_equal(taken, 0);
	assert_int_equal(to->heard_count, heard);
}

static void frames_are_taken_in_their_order_or_not_at_all(void **state)
{
	static const struct {
		const char *order;
		size_t taken;
	} rows[] = { { "00", 1 }, { "1", 0 }, { "011", 2 }, { "0x", 1 },
		{ "0b", 1 }, { "b", 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (int is_reply = 0; is_reply < 2; is_reply++) {
			pair_open(&client, &server);
			side_ask(&client, COMMAND_TIME);
			side_ask(&client, COMMAND_DATE);
			assert_int_equal(pair_pass(&client, &server), 0);
			/* Four are owed, so that no reply is one too many. */
			side_ask(&client, COMMAND_TEMP);
			side_ask(&client, COMMAND_TIME);
			try_order(is_reply ? &server : &client,
				is_reply ? &client : &server, rows[i].order,
				rows[i].taken);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_ephemeral_key_of_low_order_ends_the_session),
		cmocka_unit_test(a_static_key_of_low_order_is_nobodys),
		cmocka_unit_test(
			each_flipped_bit_of_each_flight_ends_the_session),
		cmocka_unit_test(a_flight_of_another_session_is_refused),
		cmocka_unit_test(a_flight_that_comes_twice_or_back_is_refused),
		cmocka_unit_test(frames_are_taken_in_their_order_or_not_at_all),
	};

	return crypto_init() || cmocka_run_group_tests(tests, dice_seed, NULL);
}
