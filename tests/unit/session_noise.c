// SPDX-License-Identifier: MIT
/* Both sides of secure sessions, in memory: everything an attacker on the
 * path could do to their bytes. */
#include "helper.h"

#include <errno.h>
#include <sodium.h>

#include "proto/session.h"

enum { ROOM = 16384 };

static const size_t flight_bytes[FLIGHTS] = { 40, 96, 64 };

struct side {
	struct session_host host; /* first: the callbacks find the side */
	struct session session;
	struct handshake handshake;
	struct noise_identity identity;
	bool is_allowed;
	int asked_about_key;
	int answered, replied;
	struct buffer out;
	uint8_t sent[ROOM];
};

static void draw(uint8_t *bytes, size_t n)
{
	dice_bytes(bytes, n);
}

static void answer(
	struct session_host *host, enum command request, struct reply *reply)
{
	static const char *const texts[COMMAND_COUNT] = { "12:34:56.789012",
		"2026-11-22", "-7", "", "\xde\xad\xbe\xef" };

	((struct side *)host)->answered++;
	reply->length = (uint8_t)strlen(texts[request]);
	memcpy(reply->text, texts[request], reply->length);
}

static void replied(struct session_host *host, enum command request,
	const struct reply *reply)
{
	(void)request;
	assert_true(reply->length > 0);
	((struct side *)host)->replied++;
}

static bool is_allowed(
	struct session_host *host, const uint8_t key[static NOISE_KEY_BYTES])
{
	struct side *s = (struct side *)host;

	assert_non_null(key);
	s->asked_about_key++;
	return s->is_allowed;
}

static struct side client, server;

static void begin(void)
{
	struct side *const sides[] = { &client, &server };

	for (int i = 0; i < 2; i++) {
		struct side *s = sides[i];

		*s = (struct side){
			.host.draw = draw,
			.host.answer = answer,
			.host.replied = replied,
			.host.is_allowed = is_allowed,
			.host.identity = &s->identity,
			.is_allowed = true,
			.out.size = ROOM,
		};
		s->out.bytes = s->sent;
		dice_bytes(s->identity.secret, sizeof(s->identity.secret));
		noise_identity_finish(&s->identity);
	}
	assert_int_equal(session_connect(&client.session, EXCHANGE_NOISE,
				 &client.handshake, &client.host, &client.out),
		0);
	session_accept(&server.session, &server.handshake);
}

static ssize_t feed(struct side *to, const uint8_t *bytes, size_t n)
{
	return session_feed(&to->session, &to->host, bytes, n, false, &to->out);
}

/* Everything that from has to send goes to the other side, whole. */
static void pass(struct side *from, struct side *to)
{
	assert_int_equal(feed(to, from->sent, from->out.len), from->out.len);
	from->out.len = 0;
}

/* Up to where flight number flights is ready to be sent. */
static void begin_with(int flights)
{
	begin();
	for (int i = 0; i < flights; i++)
		pass(i % 2 ? &server : &client, i % 2 ? &client : &server);
}

static struct side *writer(int flight)
{
	return flight % 2 ? &server : &client;
}

static struct side *reader(int flight)
{
	return flight % 2 ? &client : &server;
}

static void open_session(void)
{
	begin_with(FLIGHTS);
	assert_int_equal(client.session.state, SESSION_OPEN);
	assert_int_equal(server.session.state, SESSION_OPEN);
}

/* One sealed request, 50 bytes, into frame. */
static void request(enum command command, uint8_t frame[static 50])
{
	client.out.len = 0;
	assert_int_equal(
		session_send(&client.session, command, &client.out), 0);
	assert_int_equal(client.out.len, 50);
	memcpy(frame, client.sent, 50);
	client.out.len = 0;
}

static void every_request_and_reply_is_fifty_bytes(void **state)
{
	(void)state;
	open_session();
	for (enum command c = COMMAND_TIME; c <= COMMAND_TEMP; c++) {
		uint8_t frame[50];

		request(c, frame);
		assert_int_equal(feed(&server, frame, 50), 50);
		assert_int_equal(server.out.len, 50);
		pass(&server, &client);
	}
	assert_int_equal(server.answered, 3);
	assert_int_equal(client.replied, 3);
	assert_memory_equal(
		session_peer(&server.session), client.identity.public, 32);
	assert_memory_equal(
		session_peer(&client.session), server.identity.public, 32);
}

static void each_flipped_bit_of_each_flight_ends_the_session(void **state)
{
	(void)state;
	for (int flight = 0; flight < FLIGHTS; flight++)
		for (size_t bit = 0; bit < flight_bytes[flight] * 8; bit++) {
			struct side *to = reader(flight);
			ssize_t used;
			uint8_t *bytes;

			if (flight == 0 && bit < MAGIC_BYTES * 8)
				continue;
			begin_with(flight);
			bytes = writer(flight)->sent;
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			used = feed(to, bytes, flight_bytes[flight]);
			/* A changed e reaches the server's hash; that shows
			 * when the client checks the first tag. */
			if (flight == 0 && used > 0) {
				used = feed(
					&client, server.sent, server.out.len);
				to = &client;
				client.out.len = 0;
			}
			assert_int_equal(used, -EPROTO);
			assert_int_equal(to->session.state, SESSION_FAILED);
			assert_int_equal(to->out.len, 0);
			assert_null(session_peer(&to->session));
			assert_int_equal(to->asked_about_key, 0);
			/* And it stays so. */
			assert_int_equal(feed(to, bytes, 1), -EPROTO);
		}
}

static void a_flipped_bit_of_the_magic_is_another_exchange(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < MAGIC_BYTES * 8; bit++) {
		begin_with(0);
		client.sent[bit / 8] ^= (uint8_t)(1 << bit % 8);
		/* Waits for the rest of an xor flight, until its deadline. */
		assert_int_equal(feed(&server, client.sent, 40), 0);
		assert_int_equal(server.out.len, 0);

		begin_with(0);
		client.sent[bit / 8] ^= (uint8_t)(1 << bit % 8);
		server.host.requires_secure = true;
		assert_int_equal(feed(&server, client.sent, bit / 8), 0);
		assert_int_equal(feed(&server, client.sent, bit / 8 + 1),
			-EPROTONOSUPPORT);
	}
}

static void a_server_without_a_key_ends_at_the_whole_magic(void **state)
{
	(void)state;
	begin_with(0);
	server.host.identity = NULL;
	assert_int_equal(feed(&server, client.sent, 7), 0);
	assert_int_equal(feed(&server, client.sent, 8), -EPROTONOSUPPORT);
}

static void each_cut_of_each_flight_just_waits(void **state)
{
	(void)state;
	for (int flight = 0; flight < FLIGHTS; flight++)
		for (size_t n = 0; n < flight_bytes[flight]; n++) {
			begin_with(flight);
			assert_int_equal(
				feed(reader(flight), writer(flight)->sent, n),
				0);
			assert_int_equal(reader(flight)->out.len, 0);
		}
}

static void an_unwanted_server_hears_nothing_after_flight_1(void **state)
{
	(void)state;
	begin_with(1);
	client.is_allowed = false;
	assert_int_equal(feed(&client, server.sent, 96), -EACCES);
	assert_int_equal(client.out.len, 0);
	assert_int_equal(client.asked_about_key, 1);
}

static void an_unlisted_client_ends_where_a_bad_last_tag_does(void **state)
{
	(void)state;
	begin_with(2);
	server.is_allowed = false;
	assert_int_equal(feed(&server, client.sent, 63), 0);
	assert_int_equal(feed(&server, client.sent, 64), -EACCES);
	assert_int_equal(server.out.len, 0);
	assert_int_equal(server.session.state, SESSION_FAILED);

	begin_with(2);
	client.sent[63] ^= 1;
	assert_int_equal(feed(&server, client.sent, 63), 0);
	assert_int_equal(feed(&server, client.sent, 64), -EPROTO);
	assert_int_equal(server.out.len, 0);
	assert_int_equal(server.asked_about_key, 0);
}

static void frames_of_every_length_but_32_are_refused_at_once(void **state)
{
	static struct side fresh;

	(void)state;
	open_session();
	fresh = server;
	for (unsigned n = 0; n <= 65535; n++) {
		const uint8_t header[2] = { (uint8_t)(n >> 8), (uint8_t)n };
		bool is_valid = n >= 48 && n <= 1040 && n % 32 == 16;

		server = fresh;
		assert_int_equal(
			feed(&server, header, 2), is_valid ? 0 : -EPROTO);
		assert_int_equal(
			server.session.keys.noise.transport.receive.n, 0);
	}
}

static void a_frame_is_taken_whole_however_it_is_cut(void **state)
{
	uint8_t frames[100];

	(void)state;
	open_session();
	request(COMMAND_TIME, frames);
	request(COMMAND_DATE, frames + 50);
	for (size_t n = 0; n < 50; n++)
		assert_int_equal(feed(&server, frames, n), 0);
	for (size_t n = 50; n < 100; n++) {
		open_session();
		request(COMMAND_TIME, frames);
		request(COMMAND_DATE, frames + 50);
		assert_int_equal(feed(&server, frames, n), 50);
		assert_int_equal(feed(&server, frames + 50, 50), 50);
		assert_int_equal(server.answered, 2);
	}
}

static void replayed_reordered_and_dropped_frames_are_refused(void **state)
{
	uint8_t a[50], b[50];

	(void)state;
	open_session();
	request(COMMAND_TIME, a);
	assert_int_equal(feed(&server, a, 50), 50);
	assert_int_equal(feed(&server, a, 50), -EPROTO);

	open_session();
	request(COMMAND_TIME, a);
	request(COMMAND_DATE, b);
	assert_int_equal(feed(&server, b, 50), -EPROTO); /* a was dropped */
	assert_int_equal(server.answered, 0);

	open_session(); /* of another session, other keys */
	assert_int_equal(feed(&server, a, 50), -EPROTO);
}

static void each_flipped_bit_of_a_frame_ends_the_session(void **state)
{
	uint8_t frame[50];

	(void)state;
	for (size_t bit = 16; bit < 50 * 8; bit++) {
		open_session();
		request(COMMAND_TIME, frame);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(feed(&server, frame, 50), -EPROTO);
		assert_int_equal(server.answered, 0);
		assert_int_equal(server.out.len, 0);
	}
}

/* What a client that holds the keys may say, sealed by hand. */
static ssize_t say(const void *text, size_t n, size_t padded)
{
	uint8_t plain[MESSAGE_MAX] = { 0 };
	uint8_t frame[2 + MESSAGE_MAX + NOISE_TAG_BYTES];

	memcpy(plain, text, n);
	frame[0] = (uint8_t)((padded + 16) >> 8);
	frame[1] = (uint8_t)(padded + 16);
	assert_int_equal(
		noise_encrypt(&client.session.keys.noise.transport.send, plain,
			padded, frame + 2),
		0);
	return feed(&server, frame, 2 + padded + 16);
}

static void a_frame_of_padding_alone_is_refused(void **state)
{
	(void)state;
	open_session();
	assert_int_equal(say("", 0, 32), -EPROTO);
	open_session();
	assert_int_equal(say("", 0, 1024), -EPROTO);
}

static void white_space_case_and_padding_do_not_matter(void **state)
{
	uint8_t text[MESSAGE_MAX];

	(void)state;
	open_session();
	assert_int_equal(say(" tImE\r\n", 7, 32), 50);
	assert_int_equal(say("DATE", 4, 1024), 1042);
	memset(text, ' ', sizeof(text));
	memcpy(text + 500, "Temp", 4);
	assert_int_equal(say(text, sizeof(text), 1024), 1042);
	assert_int_equal(server.answered, 3);
	assert_int_equal(server.out.len, 150);
}

static void what_is_no_message_is_not_sealed(void **state)
{
	static uint8_t text[MESSAGE_MAX + 1];
	const struct exchange *e = &exchange_noise;

	(void)state;
	open_session();
	memset(text, 'x', sizeof(text));
	assert_int_equal(
		e->seal(&server.session.keys, text, 0, &server.out), -EINVAL);
	assert_int_equal(e->seal(&server.session.keys, text, MESSAGE_MAX + 1,
				 &server.out),
		-EINVAL);
	assert_int_equal(e->seal(&server.session.keys, (const uint8_t *)"x\0",
				 2, &server.out),
		-EINVAL);
	assert_int_equal(server.out.len, 0);
	assert_int_equal(
		e->seal(&server.session.keys, text, MESSAGE_MAX, &server.out),
		0);
	assert_int_equal(server.out.len, 2 + MESSAGE_MAX + 16);
}

static void a_session_ends_before_its_nonces_do(void **state)
{
	(void)state;
	open_session();
	client.session.keys.noise.transport.send.n = UINT64_MAX;
	assert_int_equal(
		session_send(&client.session, COMMAND_TIME, &client.out),
		-EOVERFLOW);
}

static void nothing_of_a_session_is_left_when_it_is_wiped(void **state)
{
	static const struct session nothing;

	(void)state;
	open_session();
	session_wipe(&server.session);
	assert_memory_equal(&server.session, &nothing, sizeof(nothing));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_and_reply_is_fifty_bytes),
		cmocka_unit_test(
			each_flipped_bit_of_each_flight_ends_the_session),
		cmocka_unit_test(
			a_flipped_bit_of_the_magic_is_another_exchange),
		cmocka_unit_test(
			a_server_without_a_key_ends_at_the_whole_magic),
		cmocka_unit_test(each_cut_of_each_flight_just_waits),
		cmocka_unit_test(
			an_unwanted_server_hears_nothing_after_flight_1),
		cmocka_unit_test(
			an_unlisted_client_ends_where_a_bad_last_tag_does),
		cmocka_unit_test(
			frames_of_every_length_but_32_are_refused_at_once),
		cmocka_unit_test(a_frame_is_taken_whole_however_it_is_cut),
		cmocka_unit_test(
			replayed_reordered_and_dropped_frames_are_refused),
		cmocka_unit_test(each_flipped_bit_of_a_frame_ends_the_session),
		cmocka_unit_test(a_frame_of_padding_alone_is_refused),
		cmocka_unit_test(white_space_case_and_padding_do_not_matter),
		cmocka_unit_test(what_is_no_message_is_not_sealed),
		cmocka_unit_test(a_session_ends_before_its_nonces_do),
		cmocka_unit_test(nothing_of_a_session_is_left_when_it_is_wiped),
	};

	return sodium_init() < 0 ||
	       cmocka_run_group_tests(tests, dice_seed, NULL);
}
