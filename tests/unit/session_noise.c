// SPDX-License-Identifier: MIT
/* What the sides of a secure session say, to whom, and when not. */
#include "pair.h"

#include "crypto/random.h"

static struct side client, server;

static void each_side_is_judged_once_and_by_its_own_key(void **state)
{
	(void)state;
	pair_start(&client, &server);
	assert_int_equal(pair_pass(&client, &server), 0);
	assert_int_equal(server.judged, 0);
	assert_int_equal(pair_pass(&server, &client), 0);
	assert_int_equal(client.judged, 1);
	assert_int_equal(server.judged, 0);
	assert_int_equal(pair_pass(&client, &server), 0);
	assert_int_equal(client.judged, 1);
	assert_int_equal(server.judged, 1);
	assert_memory_equal(
		client.shown, server.identity.public, NOISE_KEY_BYTES);
	assert_memory_equal(
		server.shown, client.identity.public, NOISE_KEY_BYTES);
	assert_memory_equal(
		session_peer(&client.session), client.shown, NOISE_KEY_BYTES);
	assert_memory_equal(
		session_peer(&server.session), server.shown, NOISE_KEY_BYTES);
}

/* A whole session, byte by byte: what is said never comes before its time. */
static void at_each_byte_no_more_is_said_than_is_due(void **state)
{
	size_t said;

	(void)state;
	pair_start(&client, &server);
	server.host.requires_secure = true;
	for (int i = 0; i < FLIGHTS_MAX; i++) {
		struct side *from = i % 2 ? &server : &client;
		struct side *to = i % 2 ? &client : &server;

		said = from->out.len;
		from->out.len = 0;
		for (size_t n = 0; n < said; n++) {
			assert_int_equal(to->out.len, 0);
			assert_null(session_peer(&to->session));
			assert_int_equal(side_feed(to, from->sent + n, 1), 0);
		}
	}
	for (enum command c = COMMAND_TIME; c <= COMMAND_END; c++)
		side_ask(&client, c);
	for (size_t n = 0; n < client.out.len; n++) {
		assert_int_equal(
			server.out.len, min_size(n / FRAME, 3) * FRAME);
		assert_int_equal(side_feed(&server, client.sent + n, 1), 0);
	}
	assert_string_equal(server.heard, "tdce");
	assert_int_equal(server.session.state, SESSION_ENDED);
	/* The client said END, so it listens no more. */
	assert_int_equal(client.session.state, SESSION_ENDED);
	assert_int_equal(pair_pass(&server, &client), 0);
	assert_string_equal(client.heard, "");
}

static void who_refuses_says_nothing_more(void **state)
{
	(void)state;
	pair_flights(&client, &server, 1);
	client.refuses = true;
	side_ended(&client, pair_pass(&server, &client), -EACCES);
	side_ended(&client, side_feed(&client, "x", 1), -EPROTO);
	assert_int_equal(client.judged, 1);

	pair_flights(&client, &server, 2);
	side_ask(&client, COMMAND_TIME); /* in the same read as flight 3 */
	server.refuses = true;
	side_ended(&server, pair_pass(&client, &server), -EACCES);
	assert_string_equal(server.heard, "");
}

static void requests_behind_a_flight_wait_for_its_verdict(void **state)
{
	(void)state;
	pair_flights(&client, &server, 2);
	side_ask(&client, COMMAND_TIME);
	side_ask(&client, COMMAND_DATE);
	assert_int_equal(pair_pass(&client, &server), 0);
	assert_string_equal(server.heard, "td");
	assert_int_equal(server.out.len, 2 * FRAME);

	pair_flights(&client, &server, 2);
	side_ask(&client, COMMAND_TIME);
	client.sent[FLIGHT_3 - 1] ^= 1;
	side_ended(&server, pair_pass(&client, &server), -EPROTO);
	assert_string_equal(server.heard, "");
	assert_int_equal(server.judged, 0);
}

/* A client never falls back, whatever it is answered. */
static void a_secure_client_gets_a_secure_session_or_none(void **state)
{
	uint8_t answer[128];

	(void)state;
	for (int run = 0; run < 256; run++) {
		side_init(&client);
		side_connect(&client);
		client.out.len = 0;
		dice_bytes(answer, sizeof(answer)); /* as from a xor server */
		answer[0] = (uint8_t)run;
		assert_int_equal(side_feed(&client, answer, FLIGHT_2 - 1), 0);
		assert_int_equal(client.session.exchange, EXCHANGE_NOISE);
		side_ended(&client,
			side_feed(&client, answer + FLIGHT_2 - 1, 1), -EPROTO);
	}
}

static void a_client_without_a_key_begins_nothing(void **state)
{
	(void)state;
	side_init(&client);
	client.host.identity = NULL;
	assert_int_equal(session_connect(&client.session, EXCHANGE_NOISE,
				 &client.handshake, &client.host, &client.out),
		-ENOENT);
	assert_int_equal(client.out.len, 0);
}

static void without_room_nothing_is_half_said(void **state)
{
	(void)state;
	for (size_t room = 0; room < FLIGHT_2; room++) {
		pair_start(&client, &server);
		server.out.size = room;
		side_ended(&server, pair_pass(&client, &server), -ENOBUFS);
	}
	side_init(&client);
	for (client.out.size = 0; client.out.size < FLIGHT_1;
		client.out.size++) {
		memset(&client.handshake, 0, sizeof(client.handshake));
		assert_int_equal(
			session_connect(&client.session, EXCHANGE_NOISE,
				&client.handshake, &client.host, &client.out),
			-ENOBUFS);
		assert_int_equal(client.out.len, 0);
	}
}

/* How the server of a pair answers: 0, or what the client makes of it. */
static int ask_older(bool asks, bool has_older, const struct side *older)
{
	int error = 0;

	side_init(&client);
	side_init(&server);
	client.host.asks_older = asks;
	server.host.older = has_older ? &older->identity : NULL;
	session_accept(&server.session, &server.handshake);
	side_connect(&client);
	assert_int_equal(client.out.len, FLIGHT_1);
	assert_int_equal(client.sent[FLIGHT_1 - 1] >> 7, asks);
	for (int i = 0; i < FLIGHTS_MAX && !error; i++)
		error = i % 2 ? pair_pass(&server, &client)
			      : pair_pass(&client, &server);
	if (error)
		return error;
	assert_int_equal(client.session.state, SESSION_OPEN);
	side_ask(&client, COMMAND_TIME);
	assert_int_equal(pair_pass(&client, &server), 0);
	assert_int_equal(pair_pass(&server, &client), 0);
	assert_string_equal(client.heard, "t");
	return 0;
}

/* Who has no older key goes on as if nobody had asked. */
static void the_older_key_is_shown_to_who_asks_for_it(void **state)
{
	static struct side older;

	(void)state;
	side_init(&older);
	for (int i = 0; i < 4; i++) {
		bool asks = i & 1, has = i & 2;

		assert_int_equal(ask_older(asks, has, &older), 0);
		assert_memory_equal(client.shown,
			asks && has ? older.identity.public
				    : server.identity.public,
			NOISE_KEY_BYTES);
		assert_memory_equal(
			server.shown, client.identity.public, NOISE_KEY_BYTES);
	}
}

/* The question is hashed: who adds it or takes it away ends the session. */
static void nobody_else_can_ask_for_the_older_key(void **state)
{
	static struct side older;

	(void)state;
	side_init(&older);
	for (int i = 0; i < 2; i++) {
		side_init(&client);
		side_init(&server);
		client.host.asks_older = i;
		server.host.older = &older.identity;
		session_accept(&server.session, &server.handshake);
		side_connect(&client);
		client.sent[FLIGHT_1 - 1] ^= 0x80;
		assert_int_equal(pair_pass(&client, &server), 0);
		side_ended(&client, pair_pass(&server, &client), -EPROTO);
		assert_int_equal(client.judged, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_side_is_judged_once_and_by_its_own_key),
		cmocka_unit_test(at_each_byte_no_more_is_said_than_is_due),
		cmocka_unit_test(who_refuses_says_nothing_more),
		cmocka_unit_test(requests_behind_a_flight_wait_for_its_verdict),
		cmocka_unit_test(a_secure_client_gets_a_secure_session_or_none),
		cmocka_unit_test(a_client_without_a_key_begins_nothing),
		cmocka_unit_test(the_older_key_is_shown_to_who_asks_for_it),
		cmocka_unit_test(nobody_else_can_ask_for_the_older_key),
		cmocka_unit_test(without_room_nothing_is_half_said),
	};

	return crypto_init() || cmocka_run_group_tests(tests, dice_seed, NULL);
}
