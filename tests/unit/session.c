// SPDX-License-Identifier: MIT
#include "helper.h"

#include <assert.h>
#include <errno.h>

#include "proto/session.h"

enum { OUT_BYTES = 16384, READ_BYTES = 4096 };

/* One side, and what its host was told: a letter a message. */
struct side {
	struct session_host host; /* first: see hear() */
	struct session session;
	struct handshake handshake;
	struct buffer out;
	uint8_t sent[OUT_BYTES];
	uint8_t in[SESSION_KEPT_MAX + READ_BYTES];
	size_t kept;
	char heard[2048];
	size_t heard_count;
};

/* Nothing has a zero in its key, so any of these can be told apart. */
static uint8_t X[XOR_KEY_BYTES], C[XOR_MASK_BYTES], S[XOR_MASK_BYTES];
static uint8_t flight_1[XOR_KEY_BYTES], flight_2[XOR_KEY_BYTES],
	flight_3[XOR_KEY_BYTES];

static const char letters[COMMAND_COUNT] = "tdce?";
static const char *const replies[COMMAND_COUNT] = { "12:34:56.789012",
	"2024-11-25", "-7", "", "\xde\xad\xbe\xef" };

static void draw_S(uint8_t *bytes, size_t n)
{
	assert_int_equal(n, sizeof(S));
	memcpy(bytes, S, n);
}

/* A client draws its mask and then the key. */
static void draw_C_and_X(uint8_t *bytes, size_t n)
{
	memcpy(bytes, n == sizeof(C) ? C : X, n);
}

/* Steps 1 to 4 of "The xor exchange", for keys of this run. */
static int draw_keys(void **state)
{
	if (dice_seed(state))
		return -1;
	for (int i = 0; i < 64; i++) {
		C[i] = (uint8_t)(1 + dice_below(255));
		S[i] = (uint8_t)(1 + dice_below(255));
	}
	for (int i = 0; i < 128; i++) {
		X[i] = (uint8_t)(1 + dice_below(255));
		flight_1[i] = X[i] ^ C[i % 64];
		flight_2[i] = flight_1[i] ^ S[i % 64];
		flight_3[i] = flight_2[i] ^ C[i % 64];
	}
	return 0;
}

/* Appends a message under X; returns where the next one goes. */
static uint8_t *put(uint8_t *to, const char *text)
{
	for (size_t i = 0; text[i]; i++)
		*to++ = (uint8_t)text[i] ^ X[i % 128];
	return to;
}

static void hear(struct session_host *host, enum command request)
{
	struct side *s = (struct side *)host;

	assert_true(s->heard_count + 1 < sizeof(s->heard));
	s->heard[s->heard_count++] = letters[request];
	s->heard[s->heard_count] = '\0';
}

static void answer(struct session_host *host, struct session *session,
	enum command request, struct reply *reply)
{
	(void)session;
	hear(host, request);
	reply->length = (uint8_t)strlen(replies[request]);
	memcpy(reply->text, replies[request], reply->length);
}

static void replied(struct session_host *host, struct session *session,
	enum command request, const struct reply *reply)
{
	(void)session;
	hear(host, request);
	assert_int_equal(reply->length, strlen(replies[request]));
	assert_memory_equal(reply->text, replies[request], reply->length);
}

static int start(struct side *s, enum role role, size_t room)
{
	*s = (struct side){
		.host.draw = role == ROLE_SERVER ? draw_S : draw_C_and_X,
		.host.answer = answer,
		.host.replied = replied,
		.out.size = room,
	};
	s->out.bytes = s->sent;
	if (role == ROLE_CLIENT)
		return session_connect(&s->session, EXCHANGE_XOR, &s->handshake,
			&s->host, &s->out);
	session_accept(&s->session, &s->handshake);
	return 0;
}

/* Feeds what was kept and n more bytes: 0 or a negative error. */
static int feed(struct side *s, const void *bytes, size_t n, bool late)
{
	ssize_t used;

	if (n)
		memcpy(s->in + s->kept, bytes, n);
	s->kept += n;
	used = session_feed(
		&s->session, &s->host, s->in, s->kept, late, &s->out);
	if (used < 0)
		return (int)used;
	s->kept -= (size_t)used;
	memmove(s->in, s->in + used, s->kept);
	assert_true(s->kept < SESSION_KEPT_MAX);
	return 0;
}

static void feed_well(struct side *s, const void *bytes, size_t n)
{
	assert_int_equal(feed(s, bytes, n, false), 0);
}

/* One message under X, whole. */
static int feed_text(struct side *s, const char *text, bool late)
{
	uint8_t bytes[READ_BYTES];

	return feed(s, bytes, (size_t)(put(bytes, text) - bytes), late);
}

static void assert_state(const struct side *s, enum session_state expected)
{
	assert_int_equal(s->session.state, expected);
}

/* What was sent is exactly this, and is taken. */
static void assert_sent(struct side *s, const uint8_t *bytes, size_t n)
{
	assert_int_equal(s->out.len, n);
	assert_memory_equal(s->sent, bytes, n);
	s->out.len = 0;
}

static void assert_sent_text(struct side *s, const char *text)
{
	uint8_t bytes[READ_BYTES];

	assert_sent(s, bytes, (size_t)(put(bytes, text) - bytes));
}

static void open_server(struct side *s)
{
	assert_int_equal(start(s, ROLE_SERVER, OUT_BYTES), 0);
	feed_well(s, flight_1, sizeof(flight_1));
	assert_sent(s, flight_2, sizeof(flight_2));
	feed_well(s, flight_3, sizeof(flight_3));
	assert_sent(s, NULL, 0);
	assert_state(s, SESSION_OPEN);
}

static void open_client(struct side *s)
{
	assert_int_equal(start(s, ROLE_CLIENT, OUT_BYTES), 0);
	assert_sent(s, flight_1, sizeof(flight_1));
	feed_well(s, flight_2, sizeof(flight_2));
	assert_sent(s, flight_3, sizeof(flight_3));
	assert_state(s, SESSION_OPEN);
}

/* Sends a request, which crosses the wire as its word. */
static void ask(struct side *s, enum command request)
{
	assert_int_equal(session_send(&s->session, request, &s->out), 0);
	assert_sent_text(s, command_word(request));
}

static void each_side_sends_what_the_algebra_says(void **state)
{
	struct side s;

	(void)state;
	open_server(&s);
	assert_memory_equal(s.session.keys.xor, X, sizeof(X));
	open_client(&s);
	assert_memory_equal(s.session.keys.xor, X, sizeof(X));
}

static void a_server_tells_the_exchange_by_the_first_bytes(void **state)
{
	struct side s;

	(void)state;
	/* Whatever of the magic comes first, another byte makes it xor. */
	for (size_t n = 0; n < MAGIC_BYTES; n++) {
		assert_int_equal(start(&s, ROLE_SERVER, OUT_BYTES), 0);
		feed_well(&s, exchange_noise.magic, n);
		assert_state(&s, SESSION_CHOICE);
		feed_well(&s, "?", 1);
		assert_state(&s, SESSION_EXCHANGE);
		assert_int_equal(s.session.exchange, EXCHANGE_XOR);
		assert_int_equal(s.kept, n + 1);
	}
}

/* As arrival.c asks before it feeds anything. */
static void assert_flight(
	struct side *s, const char *bytes, size_t n, struct flight expected)
{
	struct flight found = session_flight(
		&s->session, &s->host, (const uint8_t *)bytes, n);

	assert_int_equal(found.length, expected.length);
	if (!found.length)
		return;
	assert_int_equal(found.is_costly, expected.is_costly);
	assert_int_equal(found.is_last, expected.is_last);
}

static void a_flight_is_known_before_it_is_taken(void **state)
{
	static const struct noise_identity identity;
	const struct flight part = { 0 }, first = { .length = 40, true, false };
	char bytes[200] = "SMX1-XX\n";
	struct side s;

	(void)state;
	assert_int_equal(start(&s, ROLE_SERVER, OUT_BYTES), 0);
	assert_flight(&s, bytes, 0, part);
	assert_flight(&s, bytes, 7, part);
	/* Without a key it is refused as soon as it is told. */
	assert_flight(&s, bytes, 8, (struct flight){ .length = 8 });
	s.host.identity = &identity;
	assert_flight(&s, bytes, 8, part);
	assert_int_equal(s.session.exchange, EXCHANGE_NOISE);
	assert_flight(&s, bytes, 39, part);
	assert_flight(&s, bytes, 40, first);
	assert_flight(&s, bytes, 200, first);
	assert_state(&s, SESSION_CHOICE);

	bytes[1] = '?';
	assert_flight(&s, bytes, 127, part);
	assert_flight(&s, bytes, 200, (struct flight){ .length = 128 });
	feed_well(&s, bytes, 128);
	assert_flight(&s, bytes, 127, part);
	assert_flight(&s, bytes, 200,
		(struct flight){ .length = 128, .is_last = true });
	s.host.requires_secure = true;
	session_accept(&s.session, &s.handshake);
	assert_flight(&s, bytes, 2, (struct flight){ .length = 2 });
}

static void a_server_without_a_key_ends_when_the_magic_is_whole(void **state)
{
	struct side s;

	(void)state;
	assert_int_equal(start(&s, ROLE_SERVER, OUT_BYTES), 0);
	feed_well(&s, exchange_noise.magic, 7);
	assert_int_equal(
		feed(&s, exchange_noise.magic + 7, 1, false), -EPROTONOSUPPORT);
	assert_state(&s, SESSION_FAILED);
}

static void who_requires_noise_ends_at_the_first_other_byte(void **state)
{
	struct side s;

	(void)state;
	for (size_t n = 0; n < MAGIC_BYTES; n++) {
		assert_int_equal(start(&s, ROLE_SERVER, OUT_BYTES), 0);
		s.host.requires_secure = true;
		feed_well(&s, exchange_noise.magic, n);
		assert_int_equal(feed(&s, "?", 1, false), -EPROTONOSUPPORT);
		assert_state(&s, SESSION_FAILED);
		assert_sent(&s, NULL, 0);
	}
}

static void each_request_has_its_reply(void **state)
{
	struct side s;

	(void)state;
	open_server(&s);
	for (enum command c = COMMAND_TIME; c <= COMMAND_TEMP; c++) {
		feed_well(&s, NULL, 0);
		assert_int_equal(feed_text(&s, command_word(c), false), 0);
		assert_sent_text(&s, replies[c]);
	}
	assert_int_equal(feed_text(&s, "hello", false), 0);
	assert_sent_text(&s, replies[COMMAND_UNKNOWN]);
	assert_int_equal(feed_text(&s, "end\n", false), 0);
	assert_sent(&s, NULL, 0);
	assert_string_equal(s.heard, "tdc?e");
	assert_state(&s, SESSION_ENDED);
}

/* All that a client with four requests sends, and all it is sent. */
static size_t put_session(uint8_t *requests, uint8_t *answers)
{
	uint8_t *to = requests;

	memcpy(to, flight_1, 128);
	memcpy(to + 128, flight_3, 128);
	to = put(put(put(put(to + 256, "TIME"), "DATE"), "TEMP"), "END");
	memcpy(answers, flight_2, 128);
	put(put(put(answers + 128, replies[0]), replies[1]), replies[2]);
	return (size_t)(to - requests);
}

enum { ANSWERS = 128 + 15 + 10 + 2 };

static void flights_and_words_may_be_cut_at_any_two_places(void **state)
{
	uint8_t bytes[512], answers[512];
	size_t n = put_session(bytes, answers);

	(void)state;
	assert_int_equal(n, 256 + 15);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++) {
			struct side s;

			assert_int_equal(start(&s, ROLE_SERVER, OUT_BYTES), 0);
			feed_well(&s, bytes, i);
			feed_well(&s, bytes + i, j - i);
			feed_well(&s, bytes + j, n - j);
			assert_sent(&s, answers, ANSWERS);
			assert_string_equal(s.heard, "tdce");
			assert_state(&s, SESSION_ENDED);
		}
}

static void a_session_may_come_byte_by_byte(void **state)
{
	uint8_t bytes[512], answers[512];
	size_t n = put_session(bytes, answers);
	struct side s;

	(void)state;
	assert_int_equal(start(&s, ROLE_SERVER, OUT_BYTES), 0);
	for (size_t i = 0; i < n; i++)
		feed_well(&s, bytes + i, 1);
	assert_sent(&s, answers, ANSWERS);
	assert_string_equal(s.heard, "tdce");
}

static void words_may_be_cut_at_any_places(void **state)
{
	uint8_t bytes[512], answers[512];
	size_t n = put_session(bytes, answers) - 256;
	struct side open, s;

	(void)state;
	open_server(&open);
	assert(n > 0 && n < 32);
	for (unsigned cuts = 0; cuts < 1u << (n - 1); cuts++) {
		s = open;
		s.out.bytes = s.sent;
		for (size_t from = 0, to = 1; to <= n; to++)
			if (to == n || cuts >> (to - 1) & 1) {
				feed_well(&s, bytes + 256 + from, to - from);
				from = to;
			}
		assert_sent(&s, answers + 128, ANSWERS - 128);
		assert_string_equal(s.heard, "tdce");
	}
}

static void two_hundred_requests_may_come_at_once(void **state)
{
	uint8_t bytes[800], *to = bytes;
	struct side s;

	(void)state;
	open_server(&s);
	while (to < bytes + sizeof(bytes))
		to = put(to, "TIME");
	feed_well(&s, bytes, sizeof(bytes));
	assert_int_equal(s.heard_count, 200);
	assert_int_equal(s.out.len, 200 * 15);
	assert_int_equal(s.kept, 0);
}

static void a_lone_T_waits_and_is_then_unknown(void **state)
{
	struct side s;

	(void)state;
	open_server(&s);
	assert_int_equal(feed_text(&s, "T", false), 0);
	assert_int_equal(s.kept, 1);
	assert_int_equal(session_patience(&s.session), 1000);
	feed_well(&s, X + 1, 0);
	assert_sent(&s, NULL, 0);
	assert_int_equal(feed(&s, NULL, 0, true), 0);
	assert_sent_text(&s, replies[COMMAND_UNKNOWN]);
	assert_int_equal(s.kept, 0);
	assert_int_equal(feed_text(&s, "TIME", false), 0);
	assert_string_equal(s.heard, "?t");
}

static void what_follows_an_END_is_discarded(void **state)
{
	uint8_t bytes[64], *end = put(put(bytes, "END"), "TIME");
	struct side s;

	(void)state;
	open_server(&s);
	feed_well(&s, bytes, (size_t)(end - bytes));
	feed_well(&s, bytes, sizeof(bytes));
	assert_int_equal(s.kept, 0);
	assert_sent(&s, NULL, 0);
	assert_string_equal(s.heard, "e");
	assert_state(&s, SESSION_ENDED);
}

static void what_is_kept_and_what_is_owed_are_bounded(void **state)
{
	uint8_t bytes[READ_BYTES], *to;
	struct side s;

	(void)state;
	/* The most: a word that was begun before, and as many as fit. */
	open_server(&s);
	put(bytes, "TIME");
	feed_well(&s, bytes, 3);
	bytes[0] = bytes[3];
	for (to = bytes + 1; to < bytes + sizeof(bytes) - 4;)
		to = put(to, "TIME");
	put(to, "TIM");
	feed_well(&s, bytes, sizeof(bytes));
	assert_int_equal(s.heard_count, 1024);

	for (int run = 0; run < 20000; run++) {
		size_t n = 1 + dice_below(sizeof(bytes));

		for (size_t i = 0; i < n; i++)
			bytes[i] = X[i % 128] ^ (uint8_t) " \nTIMEx"[dice_below(
							run % 7 ? 3 : 7)];
		s.out.len = s.heard_count = 0;
		feed_well(&s, bytes, n);
	}
}

static void replies_may_be_cut_at_any_two_places(void **state)
{
	uint8_t bytes[64],
		*end = put(put(put(bytes, replies[0]), replies[1]), replies[0]);
	size_t n = (size_t)(end - bytes);
	struct side open, s;

	(void)state;
	open_client(&open);
	ask(&open, COMMAND_TIME);
	ask(&open, COMMAND_DATE);
	ask(&open, COMMAND_TIME);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++) {
			s = open;
			feed_well(&s, bytes, i);
			feed_well(&s, bytes + i, j - i);
			feed_well(&s, bytes + j, n - j);
			assert_string_equal(s.heard, "tdt");
			assert_int_equal(s.session.asked_count, 0);
		}
}

static void the_second_flight_may_be_cut_anywhere(void **state)
{
	struct side s;

	(void)state;
	for (size_t i = 0; i < sizeof(flight_2); i++) {
		assert_int_equal(start(&s, ROLE_CLIENT, OUT_BYTES), 0);
		s.out.len = 0;
		feed_well(&s, flight_2, i);
		assert_sent(&s, NULL, 0);
		assert_state(&s, SESSION_EXCHANGE);
		feed_well(&s, flight_2 + i, sizeof(flight_2) - i);
		assert_sent(&s, flight_3, sizeof(flight_3));
	}
}

static void a_temperature_ends_in_silence(void **state)
{
	struct side s;

	(void)state;
	open_client(&s);
	ask(&s, COMMAND_TEMP);
	assert_int_equal(feed_text(&s, "-7", false), 0);
	assert_int_equal(session_patience(&s.session), 20);
	assert_string_equal(s.heard, "");
	assert_int_equal(feed(&s, NULL, 0, true), 0);
	assert_string_equal(s.heard, "c");
}

/* Feeding this breaks the protocol, and nothing mends it. */
static void assert_breaks(struct side *s, const char *text, bool late)
{
	assert_int_equal(feed_text(s, text, late), -EPROTO);
	assert_state(s, SESSION_FAILED);
	assert_int_equal(
		session_send(&s->session, COMMAND_TIME, &s->out), -ENOTCONN);
	s->kept = 0;
	assert_int_equal(feed_text(s, replies[0], false), -EPROTO);
	assert_state(s, SESSION_FAILED);
}

static void a_reply_that_fits_no_form_breaks_the_session(void **state)
{
	static const char *const wrong[] = { "hello", "25:00:00.000000",
		"12:34:56.78901x", "\xde\xad\xbe\xee", " 12:34:56", "TIME" };
	struct side s;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		open_client(&s);
		ask(&s, COMMAND_TIME);
		assert_breaks(&s, wrong[i], i & 1);
	}
	open_client(&s);
	ask(&s, COMMAND_TEMP);
	assert_breaks(&s, "12345", true);
}

static void a_reply_that_nobody_asked_for_breaks_the_session(void **state)
{
	uint8_t bytes[64], *end;
	struct side s;

	(void)state;
	open_client(&s);
	assert_breaks(&s, replies[0], false);

	open_client(&s);
	ask(&s, COMMAND_DATE);
	end = put(put(bytes, replies[1]), "1");
	assert_int_equal(
		feed(&s, bytes, (size_t)(end - bytes), false), -EPROTO);
	assert_string_equal(s.heard, "d");
}

static void an_error_is_a_reply_like_any_other(void **state)
{
	uint8_t bytes[64], *end;
	struct side s;

	(void)state;
	open_client(&s);
	ask(&s, COMMAND_DATE);
	ask(&s, COMMAND_DATE);
	end = put(put(bytes, replies[1]), replies[COMMAND_UNKNOWN]);
	feed_well(&s, bytes, (size_t)(end - bytes) - 1);
	assert_int_equal(s.session.asked_count, 1);
	assert_int_equal(s.kept, 3);
}

static void a_client_may_ask_32_times_ahead(void **state)
{
	char expected[SESSION_DEPTH_MAX + 2] = "";
	uint8_t bytes[1024], *to = bytes;
	struct side s;

	(void)state;
	open_client(&s);
	for (int i = 0; i < SESSION_DEPTH_MAX; i++) {
		enum command c = dice_below(2) ? COMMAND_TIME : COMMAND_DATE;

		ask(&s, c);
		expected[i] = letters[c];
		to = put(to, replies[c]);
	}
	assert_int_equal(
		session_send(&s.session, COMMAND_TIME, &s.out), -EBUSY);
	assert_int_equal(s.out.len, 0);
	feed_well(&s, bytes, 15);
	ask(&s, COMMAND_DATE);
	expected[SESSION_DEPTH_MAX] = 'd';
	to = put(to, replies[COMMAND_DATE]);
	feed_well(&s, bytes + 15, (size_t)(to - bytes) - 15);
	assert_string_equal(s.heard, expected);
	assert_int_equal(s.session.asked_count, 0);
}

static void a_request_needs_an_open_session_and_room(void **state)
{
	struct side s = { 0 };

	(void)state;
	assert_int_equal(
		session_send(&s.session, COMMAND_TIME, &s.out), -ENOTCONN);
	assert_int_equal(start(&s, ROLE_CLIENT, OUT_BYTES), 0);
	s.out.len = 0;
	assert_int_equal(
		session_send(&s.session, COMMAND_TIME, &s.out), -ENOTCONN);
	open_client(&s);
	s.out.size = 3;
	assert_int_equal(
		session_send(&s.session, COMMAND_TIME, &s.out), -ENOBUFS);
	assert_int_equal(s.session.asked_count, 0);
	assert_state(&s, SESSION_OPEN);
	ask(&s, COMMAND_END);
	assert_state(&s, SESSION_ENDED);
	assert_int_equal(
		session_send(&s.session, COMMAND_TIME, &s.out), -ENOTCONN);
	feed_well(&s, flight_1, sizeof(flight_1));
	assert_string_equal(s.heard, "");
}

static void no_room_for_an_answer_ends_the_session(void **state)
{
	struct side s;

	(void)state;
	assert_int_equal(start(&s, ROLE_CLIENT, 127), -ENOBUFS);
	assert_int_equal(start(&s, ROLE_SERVER, 127), 0);
	assert_int_equal(feed(&s, flight_1, 128, false), -ENOBUFS);
	assert_state(&s, SESSION_FAILED);
	open_server(&s);
	s.out.size = 14;
	assert_int_equal(feed_text(&s, "TIME", false), -ENOBUFS);
	assert_state(&s, SESSION_FAILED);
}

static void handshake_memory_is_needed_until_the_session_is_open(void **state)
{
	struct side s;

	(void)state;
	assert_int_equal(start(&s, ROLE_SERVER, OUT_BYTES), 0);
	feed_well(&s, flight_1, 128);
	feed_well(&s, flight_3, 127);
	assert_false(session_handshake_over(&s.session));
	assert_int_equal(session_patience(&s.session), 0);
	feed_well(&s, flight_3 + 127, 1);
	assert_true(session_handshake_over(&s.session));
	memset(&s.handshake, 0, sizeof(s.handshake));
	assert_int_equal(feed_text(&s, "TEMP", false), 0);
	assert_string_equal(s.heard, "c");
}

static void an_open_session_can_be_ended_from_this_side(void **state)
{
	struct side s;

	(void)state;
	open_server(&s);
	session_end(&s.session);
	session_end(&s.session);
	assert_state(&s, SESSION_ENDED);
	assert_int_equal(feed_text(&s, "TIME", false), 0);
	assert_string_equal(s.heard, "");
	assert_int_equal(session_patience(&s.session), 0);
}

static void a_session_that_is_wiped_holds_nothing(void **state)
{
	static const struct session nothing;
	struct side s;

	(void)state;
	open_client(&s);
	ask(&s, COMMAND_TIME);
	session_wipe(&s.session);
	assert_memory_equal(&s.session, &nothing, sizeof(nothing));
}

/* Moves some of what one side has sent to the other. */
static size_t carry(struct side *from, size_t done, struct side *to)
{
	size_t n = min_size(dice_below(200), from->out.len - done);

	feed_well(to, from->sent + done, n);
	return done + n;
}

static bool allow(struct session_host *host, struct session *session,
	const uint8_t key[static NOISE_KEY_BYTES])
{
	(void)session;
	(void)host, (void)key;
	return true;
}

static void start_pair(
	struct side *client, struct side *server, enum exchange_id exchange)
{
	static struct noise_identity identities[2];
	struct side *sides[] = { client, server };

	for (int i = 0; i < 2; i++) {
		assert_int_equal(start(sides[i], (enum role)i, OUT_BYTES), 0);
		dice_bytes(identities[i].secret, NOISE_KEY_BYTES);
		noise_identity_finish(&identities[i]);
		sides[i]->host.draw = dice_bytes;
		sides[i]->host.is_allowed = allow;
		sides[i]->host.identity = &identities[i];
		sides[i]->out.len = 0;
	}
	assert_int_equal(
		session_connect(&client->session, exchange, &client->handshake,
			&client->host, &client->out),
		0);
}

/* A session of so many requests, from its first byte to its END. */
static void talk(struct side *client, struct side *server, size_t wanted)
{
	/* Over xor only replies that say where they end can be pipelined. */
	size_t words = client->session.exchange == EXCHANGE_XOR ? 2 : 3;
	size_t asked = 0, up = 0, down = 0;

	while (client->heard_count < wanted) {
		if (asked < wanted && dice_below(2) &&
			!session_send(&client->session,
				(enum command)dice_below(words), &client->out))
			asked++;
		up = carry(client, up, server);
		down = carry(server, down, client);
	}
	assert_string_equal(server->heard, client->heard);
	assert_int_equal(
		session_send(&client->session, COMMAND_END, &client->out), 0);
	while (server->session.state != SESSION_ENDED)
		up = carry(client, up, server);
	assert_int_equal(up, client->out.len);
	assert_int_equal(down, server->out.len);
	assert_int_equal(server->heard[wanted], 'e');
}

static void two_sides_understand_each_other_however_cut(void **state)
{
	static struct side client, server;

	(void)state;
	for (int run = 0; run < 600; run++) {
		start_pair(&client, &server,
			(enum exchange_id)(run % EXCHANGE_COUNT));
		talk(&client, &server, 1 + dice_below(100));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_side_sends_what_the_algebra_says),
		cmocka_unit_test(
			a_server_tells_the_exchange_by_the_first_bytes),
		cmocka_unit_test(a_flight_is_known_before_it_is_taken),
		cmocka_unit_test(
			a_server_without_a_key_ends_when_the_magic_is_whole),
		cmocka_unit_test(
			who_requires_noise_ends_at_the_first_other_byte),
		cmocka_unit_test(each_request_has_its_reply),
		cmocka_unit_test(
			flights_and_words_may_be_cut_at_any_two_places),
		cmocka_unit_test(a_session_may_come_byte_by_byte),
		cmocka_unit_test(words_may_be_cut_at_any_places),
		cmocka_unit_test(two_hundred_requests_may_come_at_once),
		cmocka_unit_test(a_lone_T_waits_and_is_then_unknown),
		cmocka_unit_test(what_follows_an_END_is_discarded),
		cmocka_unit_test(what_is_kept_and_what_is_owed_are_bounded),
		cmocka_unit_test(replies_may_be_cut_at_any_two_places),
		cmocka_unit_test(the_second_flight_may_be_cut_anywhere),
		cmocka_unit_test(a_temperature_ends_in_silence),
		cmocka_unit_test(a_reply_that_fits_no_form_breaks_the_session),
		cmocka_unit_test(
			a_reply_that_nobody_asked_for_breaks_the_session),
		cmocka_unit_test(an_error_is_a_reply_like_any_other),
		cmocka_unit_test(a_client_may_ask_32_times_ahead),
		cmocka_unit_test(a_request_needs_an_open_session_and_room),
		cmocka_unit_test(no_room_for_an_answer_ends_the_session),
		cmocka_unit_test(
			handshake_memory_is_needed_until_the_session_is_open),
		cmocka_unit_test(an_open_session_can_be_ended_from_this_side),
		cmocka_unit_test(a_session_that_is_wiped_holds_nothing),
		cmocka_unit_test(two_sides_understand_each_other_however_cut),
	};

	return cmocka_run_group_tests(tests, draw_keys, NULL);
}
