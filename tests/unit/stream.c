// SPDX-License-Identifier: MIT
/*
 * What libsmx does with a server that is late, silent, gone or another one. The
 * server is one of fakes/peers.h, so that none of it takes any time.
 */
#include "helper.h"

#include <errno.h>
#include <netdb.h>

#include "base/clock.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "fakes/fakes.h"
#include "fakes/peers.h"
#include "lib/handle.h"

enum { TIMEOUT_MS = 3000, PAUSE_MS = 20, RTT_MS = 5 };

static struct noise_identity identity;
static struct smx *smx;
static char text[SMX_TEXT_BYTES];

static int set_up(void **state)
{
	char key[KEY_TEXT_BYTES];
	struct noise_identity *own;

	if (crypto_init())
		return -1;
	fake_begin(state);
	smx = smx_new();
	own = key_identity_new();
	if (!smx || !own)
		return -1;
	random_bytes(own->secret, sizeof(own->secret));
	noise_identity_finish(own);
	smx->host.identity = own;
	smx_set_timeout(smx, TIMEOUT_MS);
	dice_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	return smx_set_server_key(smx, key_format(identity.public, key));
}

static int tear_down(void **state)
{
	smx_free(smx);
	peers_end();
	return fake_end(state);
}

/* Connects to a server with such a script: what comes of it. */
static int connect_to(const struct peer_script *its, bool is_secure)
{
	static struct peer_script script;

	script = *its;
	script.identity = &identity;
	peers_begin(&script, 1);
	if (is_secure)
		assert_int_equal(smx_set_exchange(smx, "noise"), 0);
	return smx_connect(smx, "name", "1337");
}

static void open_session(const struct peer_script *script, bool is_secure)
{
	assert_int_equal(connect_to(script, is_secure), 0);
	assert_true(smx_is_connected(smx));
}

static int ask(enum smx_command command)
{
	int error = smx_request(smx, command);

	return error ? error : smx_reply(smx, text);
}

/* It failed like this after so many milliseconds, and is not connected. */
static void assert_failed(
	int error, int expected, uint64_t begun_ms, uint64_t ms)
{
	assert_int_equal(error, expected);
	assert_int_equal(clock_ms() - begun_ms, ms);
	assert_false(smx_is_connected(smx));
	assert_true(*smx_message(smx));
}

static const bool both[] = { false, true };

static void connecting_takes_as_long_as_it_may(void **state)
{
	uint64_t begun = clock_ms();

	(void)state;
	assert_failed(
		connect_to(&(struct peer_script){ .connect_ms = 3001 }, false),
		SMX_ERROR_TIMEOUT, begun, TIMEOUT_MS);
	begun = clock_ms();
	open_session(&(struct peer_script){ .connect_ms = 2999 }, false);
	assert_int_equal(clock_ms() - begun, 2999);
}

static void what_connecting_fails_of_is_told(void **state)
{
	(void)state;
	assert_failed(connect_to(&(struct peer_script){ .connect_error =
								-ECONNREFUSED },
			      false),
		SMX_ERROR_CONNECT, clock_ms(), 0);
	assert_non_null(strstr(smx_message(smx), "192.0.2.1:1337"));
	fake.start_error = -EMFILE;
	assert_failed(connect_to(&(struct peer_script){ 0 }, false),
		SMX_ERROR_CONNECT, clock_ms(), 0);
	fake.resolve_error = EAI_NONAME;
	assert_failed(connect_to(&(struct peer_script){ 0 }, false),
		SMX_ERROR_RESOLVE, clock_ms(), 0);
	assert_int_equal(peers.open, 0);
}

static void a_silent_server_is_waited_for_and_no_longer(void **state)
{
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		uint64_t begun;

		if (i) {
			tear_down(state);
			set_up(state);
		}
		begun = clock_ms();
		assert_failed(connect_to(
				      &(struct peer_script){
					      .fault_at = PEER_IN_EXCHANGE },
				      both[i]),
			SMX_ERROR_TIMEOUT, begun, TIMEOUT_MS);
		tear_down(state);
		set_up(state);
		open_session(&(struct peer_script){ .fault_at = 1 }, both[i]);
		smx_set_modern(smx, 1);
		begun = clock_ms();
		assert_failed(
			ask(SMX_TIME), SMX_ERROR_TIMEOUT, begun, TIMEOUT_MS);
	}
}

static void whatever_a_server_does_in_place_of_a_reply_is_told(void **state)
{
	static const struct {
		enum peer_fault fault;
		bool is_secure;
		int error;
	} rows[] = {
		{ PEER_CLOSES, false, SMX_ERROR_LOST },
		/* Its list of keys would end a first session like this. */
		{ PEER_CLOSES, true, SMX_ERROR_NOT_AUTHORIZED },
		{ PEER_RESETS, false, SMX_ERROR_LOST },
		{ PEER_RESETS, true, SMX_ERROR_NOT_AUTHORIZED },
		{ PEER_SENDS_GARBAGE, false, SMX_ERROR_PROTOCOL },
		{ PEER_SENDS_GARBAGE, true, SMX_ERROR_PROTOCOL },
		{ PEER_CUTS_CLOSES, false, SMX_ERROR_LOST },
		{ PEER_CUTS_CLOSES, true, SMX_ERROR_LOST },
		{ PEER_SENDS_MORE, false, SMX_ERROR_PROTOCOL },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint64_t begun;

		if (i) {
			tear_down(state);
			set_up(state);
		}
		smx_set_modern(smx, 1);
		open_session(&(struct peer_script){ .fault_at = 1,
				     .fault = rows[i].fault },
			rows[i].is_secure);
		begun = clock_ms();
		assert_failed(ask(SMX_TIME), rows[i].error, begun, 0);
		/* "Every failure resets the connection." */
		assert_int_equal(fake_of(FAKE_FD)->is_dropped,
			rows[i].is_secure &&
				rows[i].error == SMX_ERROR_PROTOCOL);
	}
}

static void the_error_ends_no_session(void **state)
{
	(void)state;
	open_session(&(struct peer_script){ .fault_at = 1, .fault = PEER_ERRS },
		true);
	assert_int_equal(ask(SMX_DATE), SMX_ERROR_REPLY);
	assert_int_equal(ask(SMX_DATE), 0);
	assert_string_equal(text, "2026-11-26");
}

/* Over xor a temperature ends with the silence after it. */
static void silence_ends_a_temperature(void **state)
{
	uint64_t begun;

	(void)state;
	open_session(&(struct peer_script){ .reply_ms = RTT_MS }, false);
	smx_set_modern(smx, 1);
	begun = clock_ms();
	assert_int_equal(ask(SMX_TEMP), 0);
	assert_string_equal(text, "21");
	assert_int_equal(clock_ms() - begun, RTT_MS + PAUSE_MS);
	assert_int_equal(smx_rtt_ms(smx), RTT_MS);
}

static void end(void *unused)
{
	(void)unused;
	fake_of(FAKE_FD)->has_end = true;
}

static void the_end_ends_a_temperature_as_well(void **state)
{
	(void)state;
	open_session(&(struct peer_script){ .reply_ms = RTT_MS }, false);
	smx_set_modern(smx, 1);
	assert_int_equal(smx_request(smx, SMX_TEMP), 0);
	fake_at(RTT_MS, end, NULL); /* right after the reply */
	assert_int_equal(smx_reply(smx, text), 0);
	assert_string_equal(text, "21");
}

/* A server that may be the original gets each message by itself. */
static void a_pause_goes_before_each_request(void **state)
{
	uint64_t begun;

	(void)state;
	open_session(&(struct peer_script){ 0 }, false);
	begun = clock_ms();
	assert_int_equal(ask(SMX_TIME), 0);
	assert_int_equal(clock_ms() - begun, PAUSE_MS);
	assert_int_equal(ask(SMX_TIME), 0);
	assert_int_equal(clock_ms() - begun, PAUSE_MS);
	assert_int_equal(smx_request(smx, SMX_DATE), 0);
	smx_disconnect(smx); /* END, after the request has had its time */
	assert_int_equal(clock_ms() - begun, 2 * PAUSE_MS);
	assert_int_equal(peers.requests[COMMAND_END], 1);
}

static void with_smx_none_does(void **state)
{
	uint64_t begun = clock_ms();

	(void)state;
	smx_set_modern(smx, 1);
	open_session(&(struct peer_script){ 0 }, false);
	assert_int_equal(ask(SMX_TIME), 0);
	smx_disconnect(smx);
	open_session(&(struct peer_script){ 0 }, true);
	for (int i = 0; i < SMX_DEPTH_MAX; i++)
		assert_int_equal(smx_request(smx, SMX_TEMP), 0);
	for (int i = 0; i < SMX_DEPTH_MAX; i++)
		assert_int_equal(smx_reply(smx, text), 0);
	assert_int_equal(clock_ms(), begun);
}

static void take_all(void *unused)
{
	(void)unused;
	fake_of(FAKE_FD)->room = SIZE_MAX;
}

static void a_request_waits_until_it_is_taken(void **state)
{
	uint64_t begun;

	(void)state;
	open_session(&(struct peer_script){ 0 }, true);
	begun = clock_ms();
	fake_of(FAKE_FD)->room = 7;
	fake_at(1000, take_all, NULL);
	assert_int_equal(ask(SMX_TIME), 0);
	assert_int_equal(clock_ms() - begun, 1000);
	/* It was sent whole, so END can follow. */
	smx_disconnect(smx);
	assert_int_equal(peers.requests[COMMAND_END], 1);
}

/* A handler may end the process meanwhile; it cannot say anything. */
static void leave_in_silence(void *unused)
{
	(void)unused;
	assert_int_equal(smx_leave(smx), 0);
	assert_int_equal(fake_of(FAKE_FD)->out_len, 7);
}

/* And what was sent in part is not followed by END. */
static void a_server_that_takes_nothing_is_given_up(void **state)
{
	uint64_t begun;

	(void)state;
	open_session(&(struct peer_script){ 0 }, true);
	begun = clock_ms();
	fake_of(FAKE_FD)->room = 7;
	fake_at(100, leave_in_silence, NULL);
	assert_failed(ask(SMX_TIME), SMX_ERROR_TIMEOUT, begun, TIMEOUT_MS);
	assert_int_equal(fake_of(FAKE_FD)->out_len, 7);
}

static void as_many_as_fit_are_under_way_and_come_in_order(void **state)
{
	(void)state;
	smx_set_modern(smx, 1);
	for (size_t kind = 0; kind < COUNT_OF(both); kind++) {
		open_session(&(struct peer_script){ .reply_ms = RTT_MS },
			both[kind]);
		for (int i = 0; i < SMX_DEPTH_MAX; i++)
			assert_int_equal(
				smx_request(smx, i % 2 ? SMX_DATE : SMX_TIME),
				0);
		assert_int_equal(smx_request(smx, SMX_TIME), SMX_ERROR_USAGE);
		assert_int_equal(smx_reply(smx, text), 0);
		/* All have come; one has been fetched, and so there is room. */
		assert_int_equal(smx_request(smx, SMX_DATE), 0);
		for (int i = 1; i <= SMX_DEPTH_MAX; i++) {
			assert_int_equal(smx_reply(smx, text), 0);
			assert_int_equal(text[2],
				i % 2 || i == SMX_DEPTH_MAX ? '2' : ':');
		}
		assert_int_equal(smx_reply(smx, text), SMX_ERROR_USAGE);
	}
}

static void only_what_ends_by_itself_is_asked_ahead_over_xor(void **state)
{
	(void)state;
	open_session(&(struct peer_script){ .reply_ms = RTT_MS }, false);
	assert_int_equal(smx_request(smx, SMX_TIME), 0);
	assert_int_equal(smx_request(smx, SMX_TIME), SMX_ERROR_USAGE);
	smx_set_modern(smx, 1);
	assert_int_equal(smx_request(smx, SMX_TEMP), SMX_ERROR_USAGE);
	assert_int_equal(smx_request(smx, SMX_DATE), 0);
	assert_int_equal(smx_reply(smx, text), 0);
	assert_int_equal(smx_reply(smx, text), 0);
	assert_int_equal(smx_request(smx, SMX_TEMP), 0);
	assert_int_equal(smx_request(smx, SMX_DATE), SMX_ERROR_USAGE);
}

static void a_handler_says_the_end_at_once_or_a_little_later(void **state)
{
	static const unsigned pauses[] = { PAUSE_MS, 0 };

	(void)state;
	for (size_t kind = 0; kind < COUNT_OF(both); kind++) {
		unsigned tries = 0;

		open_session(&(struct peer_script){ 0 }, both[kind]);
		for (; smx_leave(smx) == SMX_ERROR_USAGE; tries++)
			fake.now_ns += 1000000;
		assert_int_equal(tries, pauses[kind]);
		assert_int_equal(peers.requests[COMMAND_END], 1);
		/* And nobody says it again. */
		smx_disconnect(smx);
		assert_int_equal(peers.requests[COMMAND_END], 1);
	}
}

static void a_server_that_goes_is_noticed_without_asking(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < COUNT_OF(both); kind++) {
		open_session(&(struct peer_script){ 0 }, both[kind]);
		assert_int_equal(smx_check(smx), 0);
		fake_of(smx_fd(smx))->has_end = true;
		assert_int_equal(smx_check(smx), SMX_ERROR_LOST);
		assert_int_equal(smx_check(smx), SMX_ERROR_USAGE);
		open_session(&(struct peer_script){ 0 }, both[kind]);
		fake_send(smx_fd(smx), "nobody asked", 12);
		assert_int_equal(smx_check(smx), SMX_ERROR_PROTOCOL);
	}
}

static void what_comes_before_a_request_leaves_is_seen(void **state)
{
	(void)state;
	/* While the pause for the original passes. */
	open_session(&(struct peer_script){ 0 }, false);
	fake_at(PAUSE_MS / 2, end, NULL);
	assert_int_equal(smx_request(smx, SMX_TIME), SMX_ERROR_LOST);
	assert_int_equal(peers.requests[COMMAND_TIME], 0);
	/* And where no pause is needed. */
	smx_set_modern(smx, 1);
	open_session(&(struct peer_script){ 0 }, false);
	fake_of(smx_fd(smx))->has_end = true;
	assert_int_equal(smx_request(smx, SMX_TIME), SMX_ERROR_LOST);
	assert_int_equal(peers.requests[COMMAND_TIME], 0);
}

static bool is_wiped(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((const uint8_t *)bytes)[i])
			return false;
	return true;
}

static void nothing_of_a_session_stays(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < COUNT_OF(both); kind++) {
		open_session(&(struct peer_script){ 0 }, both[kind]);
		assert_true(is_wiped(&smx->handshake, sizeof(smx->handshake)));
		assert_int_equal(ask(SMX_TIME), 0);
		assert_false(is_wiped(smx->in, sizeof(smx->in)));
		assert_false(is_wiped(
			&smx->session.keys, sizeof(smx->session.keys)));
		smx_disconnect(smx);
		assert_true(is_wiped(smx->in, sizeof(smx->in)));
		assert_true(is_wiped(&smx->session, sizeof(smx->session)));
	}
	/* Nor of one that has come to nothing. */
	assert_int_equal(
		connect_to(&(struct peer_script){ .fault_at = PEER_IN_EXCHANGE,
				   .fault = PEER_CLOSES },
			true),
		SMX_ERROR_PROTOCOL);
	assert_true(is_wiped(&smx->handshake, sizeof(smx->handshake)));
}

static void (*hear)(int fd);
static unsigned interrupted;

/* As a handler would that a signal runs in the middle of sending. */
static void leave_meanwhile(int fd)
{
	if (smx->session.state == SESSION_OPEN) {
		assert_int_equal(smx_leave(smx), SMX_ERROR_USAGE);
		interrupted++;
	}
	hear(fd);
}

static void nothing_is_said_in_the_middle_of_something(void **state)
{
	struct peer_script script = { .identity = &identity };

	(void)state;
	for (size_t kind = 0; kind < COUNT_OF(both); kind++) {
		assert_int_equal(
			smx_set_exchange(smx, both[kind] ? "noise" : "xor"), 0);
		peers_begin(&script, 1);
		hear = fake.on_send;
		fake.on_send = leave_meanwhile;
		interrupted = 0;
		assert_int_equal(smx_connect(smx, "name", "1337"), 0);
		assert_int_equal(ask(SMX_TIME), 0);
		/* During the third flight, and the request. */
		assert_int_equal(interrupted, 2);
		fake.on_send = hear;
		smx_disconnect(smx);
		assert_int_equal(peers.requests[COMMAND_END], 1);
	}
}

static void each_session_is_judged_by_what_it_has_heard_itself(void **state)
{
	(void)state;
	open_session(&(struct peer_script){ 0 }, true);
	assert_int_equal(ask(SMX_TIME), 0);
	open_session(
		&(struct peer_script){ .fault_at = 1, .fault = PEER_CLOSES },
		true);
	assert_int_equal(ask(SMX_TIME), SMX_ERROR_NOT_AUTHORIZED);
}

/* --- a server with two keys --- */

static struct noise_identity old_identity;
static char old_key[KEY_TEXT_BYTES], new_key[KEY_TEXT_BYTES];

/* The client expects the old one of them. */
static int connect_expecting_old(const struct noise_identity *older)
{
	dice_bytes(old_identity.secret, sizeof(old_identity.secret));
	noise_identity_finish(&old_identity);
	key_format(old_identity.public, old_key);
	key_format(identity.public, new_key);
	assert_int_equal(smx_set_server_key(smx, old_key), 0);
	return connect_to(&(struct peer_script){ .older = older }, true);
}

static void a_server_is_asked_for_the_key_that_is_known(void **state)
{
	(void)state;
	assert_int_equal(connect_expecting_old(&old_identity), 0);
	assert_int_equal(peers.connections, 2);
	assert_int_equal(peers.open, 1);
	assert_string_equal(smx_server_key(smx), old_key);
	assert_string_equal(smx_newer_key(smx), new_key);
	assert_string_equal(smx_alarm(smx), "");
	assert_int_equal(ask(SMX_TIME), 0);
	/* The next server is another matter. */
	assert_int_equal(smx_set_server_key(smx, new_key), 0);
	open_session(&(struct peer_script){ 0 }, true);
	assert_string_equal(smx_newer_key(smx), "");
}

static void a_server_without_that_key_has_changed(void **state)
{
	(void)state;
	assert_int_equal(connect_expecting_old(NULL), SMX_ERROR_CHANGED_SERVER);
	assert_int_equal(peers.connections, 2);
	assert_int_equal(peers.open, 0);
	assert_string_equal(smx_server_key(smx), new_key);
	assert_string_equal(smx_newer_key(smx), "");
	assert_non_null(strstr(smx_alarm(smx), old_key));
	assert_non_null(strstr(smx_alarm(smx), new_key));
	assert_non_null(strstr(smx_message(smx), new_key));
	assert_int_equal(smx_trust_server(smx), SMX_ERROR_USAGE);
}

static void what_a_server_showed_first_counts(void **state)
{
	const struct peer_script scripts[] = {
		{ .identity = &identity },
		{ .connect_error = -ECONNREFUSED },
	};

	(void)state;
	assert_int_equal(connect_expecting_old(&old_identity), 0);
	peers_begin(scripts, 2);
	assert_int_equal(
		smx_connect(smx, "name", "1337"), SMX_ERROR_CHANGED_SERVER);
	assert_int_equal(peers.connections, 2);
	assert_string_equal(smx_server_key(smx), new_key);
	assert_non_null(strstr(smx_message(smx), new_key));
	assert_non_null(strstr(smx_alarm(smx), new_key));
	assert_true(smx_is_known(smx));
	assert_int_equal(smx_trust_server(smx), SMX_ERROR_USAGE);
}

/* --- the original: it echoes what it takes for a flight, under its mask --- */

static size_t taken;

static void echo(int fd)
{
	struct fake_socket *s = fake_of(fd);
	size_t n = s->out_len - taken;

	if (!taken) {
		for (size_t i = 0; i < n; i++)
			s->out[i] ^= 0x5a;
		fake_send(fd, s->out, n);
	}
	taken = s->out_len;
}

static void the_original_is_recognized_by_its_echo_and_let_go(void **state)
{
	static const uint8_t farewell[] = { 'E' ^ 'S', 'N' ^ 'M', 'D' ^ 'X' };
	uint64_t begun = clock_ms();
	struct fake_socket *s;

	(void)state;
	taken = 0;
	fake.on_send = echo;
	assert_int_equal(smx_set_exchange(smx, "noise"), 0);
	assert_failed(smx_connect(smx, "name", "1337"), SMX_ERROR_PROTOCOL,
		begun, 500 + PAUSE_MS);
	assert_non_null(strstr(smx_message(smx), "original"));
	s = fake_of(FAKE_FD);
	assert_int_equal(s->out_len, 40 + 40 + sizeof(farewell));
	assert_memory_equal(s->out, s->out + 40, 40);
	assert_memory_equal(s->out + 80, farewell, sizeof(farewell));
}

#define STREAM_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STREAM_TEST(connecting_takes_as_long_as_it_may),
		STREAM_TEST(what_connecting_fails_of_is_told),
		STREAM_TEST(a_silent_server_is_waited_for_and_no_longer),
		STREAM_TEST(whatever_a_server_does_in_place_of_a_reply_is_told),
		STREAM_TEST(the_error_ends_no_session),
		STREAM_TEST(silence_ends_a_temperature),
		STREAM_TEST(the_end_ends_a_temperature_as_well),
		STREAM_TEST(a_pause_goes_before_each_request),
		STREAM_TEST(with_smx_none_does),
		STREAM_TEST(a_request_waits_until_it_is_taken),
		STREAM_TEST(a_server_that_takes_nothing_is_given_up),
		STREAM_TEST(as_many_as_fit_are_under_way_and_come_in_order),
		STREAM_TEST(only_what_ends_by_itself_is_asked_ahead_over_xor),
		STREAM_TEST(a_handler_says_the_end_at_once_or_a_little_later),
		STREAM_TEST(a_server_that_goes_is_noticed_without_asking),
		STREAM_TEST(what_comes_before_a_request_leaves_is_seen),
		STREAM_TEST(nothing_of_a_session_stays),
		STREAM_TEST(nothing_is_said_in_the_middle_of_something),
		STREAM_TEST(each_session_is_judged_by_what_it_has_heard_itself),
		STREAM_TEST(a_server_is_asked_for_the_key_that_is_known),
		STREAM_TEST(a_server_without_that_key_has_changed),
		STREAM_TEST(what_a_server_showed_first_counts),
		STREAM_TEST(the_original_is_recognized_by_its_echo_and_let_go),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
