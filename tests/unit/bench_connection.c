// SPDX-License-Identifier: MIT
/* A connection of the load generator, turn by turn. */
#include "helper.h"

#include <errno.h>

#include "bench/connection.h"
#include "bench/ending.h"
#include "crypto/random.h"
#include "fakes/fakes.h"
#include "fakes/peers.h"

enum { S = 1000000000, MS = 1000000 };

static struct plan plan;
static struct timetable timetable;
static struct context context;
static struct connection one;

static const struct peer_script quick = { .reply_ms = 10, .flight_ms = 5 };

static void begin(enum plan_mode mode)
{
	plan.mode = mode;
	timetable = (struct timetable){ .plan = &plan };
	timetable.start_ns = fake.now_ns;
	memset(&one, 0, sizeof(one));
	memset(&context, 0, sizeof(context));
	connection_share(&context, &timetable, 0, 1);
	context.loop = loop_open();
	assert_non_null(context.loop);
	assert_true(schedule_is_known(&context.schedule));
}

static int set_up(void **state)
{
	fake_begin(state);
	plan = (struct plan){ .connections = 1,
		.threads = 1,
		.depth = 4,
		.rate = 1e9,
		.duration_ns = 3600ull * S,
		.timeout_ns = S };
	peers_begin(&quick, 1);
	begin(PLAN_CLOSED);
	return 0;
}

static int tear_down(void **state)
{
	ending_drop(&context, &one);
	loop_close(context.loop);
	peers_end();
	return fake_end(state);
}

static struct fake_socket *sock(void)
{
	return fake_of(one.watch.fd);
}

static uint64_t counted(enum tally_count what)
{
	return tally_counted(&context.score.tally, what);
}

static uint64_t times(enum tally_time which)
{
	return histogram_total(&context.score.tally.times[which]);
}

static enum outcome start(void)
{
	return connection_open(&context, &one, NULL, fake.now_ns);
}

/* Its next turn: whatever it waits for is waited for. */
static enum outcome turn(void)
{
	struct watch *ready;

	assert_int_equal(loop_wait(context.loop, 10000), 1);
	ready = loop_next(context.loop);
	assert_ptr_equal(ready, &one);
	return connection_ready(&context, &one);
}

static void open_up(void)
{
	assert_int_equal(start(), OUTCOME_BUSY);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_int_equal(turn(),
		plan.mode == PLAN_HANDSHAKES ? OUTCOME_BUSY : OUTCOME_FREE);
}

static enum outcome ask(unsigned most)
{
	return connection_ask(&context, &one, most);
}

/* Waits for something to come, and takes away its last n bytes. */
static void hold_back(uint8_t *bytes, size_t n)
{
	struct fake_socket *s = sock();

	while (s->in_read == s->in_len)
		assert_true(fake_happen(fake.now_ns + S));
	assert_true(s->in_len - s->in_read >= n);
	s->in_len -= n;
	memcpy(bytes, s->in + s->in_len, n);
}

/* It has ended: nothing is left of it, neither sockets nor keys. */
static void assert_over(void)
{
	static const struct session no_session;
	static const struct handshake no_handshake;

	assert_int_equal(one.stage, STAGE_NONE);
	assert_int_equal(context_sockets(&context), 0);
	assert_int_equal(context.under_way, 0);
	assert_int_equal(one.count, 0);
	assert_true(sock()->is_closed);
	assert_null(ring_first(&context.silent));
	assert_memory_equal(&one.session, &no_session, sizeof(no_session));
	assert_memory_equal(
		&one.handshake, &no_handshake, sizeof(no_handshake));
}

static void assert_failed(enum outcome outcome, enum tally_count reason)
{
	assert_int_equal(outcome, OUTCOME_FAILED);
	assert_int_equal(counted(reason), 1);
	assert_int_equal(tally_failed(&context.score.tally), 1);
	assert_over();
}

/* --- connecting, and the exchange --- */

static void it_is_free_once_its_keys_are_exchanged(void **state)
{
	(void)state;
	assert_int_equal(start(), OUTCOME_BUSY);
	assert_int_equal(one.stage, STAGE_CONNECTING);
	assert_int_equal(context_openings(&context), 1);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_int_equal(one.stage, STAGE_EXCHANGE);
	assert_int_equal(times(TALLY_CONNECT), 1);
	assert_int_equal(counted(TALLY_CONNECTED), 0);
	assert_int_equal(turn(), OUTCOME_FREE);
	assert_int_equal(one.stage, STAGE_OPEN);
	assert_int_equal(context_openings(&context), 0);
	assert_int_equal(context_sockets(&context), 1);
	assert_int_equal(counted(TALLY_CONNECTED), 1);
	assert_int_equal(times(TALLY_EXCHANGE), 1);
	assert_int_equal(peers.sessions, 1);
}

static void a_flight_may_come_byte_by_byte(void **state)
{
	uint8_t flight[128];

	(void)state;
	for (enum plan_mode mode = PLAN_CLOSED; mode <= PLAN_HANDSHAKES;
		mode++) {
		loop_close(context.loop);
		begin(mode);
		assert_int_equal(start(), OUTCOME_BUSY);
		assert_int_equal(turn(), OUTCOME_BUSY);
		hold_back(flight, sizeof(flight));
		for (size_t i = 0; i < sizeof(flight); i++) {
			assert_int_equal(one.stage, STAGE_EXCHANGE);
			fake_send(one.watch.fd, &flight[i], 1);
			assert_int_equal(
				turn(), i + 1 < sizeof(flight) ||
							mode == PLAN_HANDSHAKES
						? OUTCOME_BUSY
						: OUTCOME_FREE);
		}
		assert_int_equal(one.stage,
			mode == PLAN_HANDSHAKES ? STAGE_LEAVING : STAGE_OPEN);
		ending_drop(&context, &one);
	}
}

static void what_a_system_call_says_is_the_reason(void **state)
{
	static const struct {
		int error;
		enum tally_count reason;
	} rows[] = {
		{ -ECONNREFUSED, TALLY_REFUSED },
		{ -EADDRNOTAVAIL, TALLY_NO_PORT },
		{ -EADDRINUSE, TALLY_NO_PORT },
		{ -ETIMEDOUT, TALLY_CONNECT_LATE },
		{ -ECONNRESET, TALLY_RESET },
		{ -EMFILE, TALLY_SYSTEM },
		{ -ENOBUFS, TALLY_SYSTEM },
		{ -EHOSTUNREACH, TALLY_UNREACHABLE },
		{ -EACCES, TALLY_UNREACHABLE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct peer_script refuses = { .connect_error =
							     rows[i].error };

		/* At once, or later. */
		loop_close(context.loop);
		begin(PLAN_CLOSED);
		fake.start_error = rows[i].error;
		assert_int_equal(start(), OUTCOME_FAILED);
		assert_int_equal(counted(rows[i].reason), 1);
		assert_int_equal(one.stage, STAGE_NONE);
		loop_close(context.loop);

		begin(PLAN_CLOSED);
		fake.start_error = 0;
		peers_begin(&refuses, 1);
		assert_int_equal(start(), OUTCOME_BUSY);
		assert_failed(turn(), rows[i].reason);
	}
}

static void what_the_loop_cannot_watch_is_closed(void **state)
{
	(void)state;
	fake.loop_error = -ENOSPC;
	assert_int_equal(start(), OUTCOME_FAILED);
	assert_int_equal(counted(TALLY_SYSTEM), 1);
	assert_true(fake.sockets[0]->is_closed);
	assert_int_equal(one.stage, STAGE_NONE);
	fake.loop_error = 0;
	assert_int_equal(start(), OUTCOME_BUSY);
	fake.loop_error = -ENOSPC;
	assert_int_equal(turn(), OUTCOME_FAILED);
	assert_int_equal(counted(TALLY_SYSTEM), 2);
}

static void a_flight_that_is_not_taken_fails_it(void **state)
{
	(void)state;
	assert_int_equal(start(), OUTCOME_BUSY);
	sock()->room = 100;
	assert_failed(turn(), TALLY_REPLY_LATE);
	assert_true(sock()->is_dropped);
}

/* --- asking, and replies --- */

static void it_asks_as_often_as_its_depth_in_one_send(void **state)
{
	unsigned sends;

	(void)state;
	open_up();
	sends = sock()->sends;
	assert_int_equal(ask(SESSION_DEPTH_MAX), OUTCOME_BUSY);
	assert_int_equal(one.count, 4);
	assert_int_equal(context.under_way, 4);
	assert_int_equal(sock()->sends, sends + 1);
	assert_int_equal(ask(SESSION_DEPTH_MAX), OUTCOME_BUSY);
	assert_int_equal(one.count, 4);
	assert_int_equal(sock()->sends, sends + 1);
}

static void it_is_free_while_it_has_room_for_more(void **state)
{
	(void)state;
	open_up();
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(1), OUTCOME_FREE);
	assert_int_equal(ask(1), OUTCOME_BUSY);
	assert_int_equal(turn(), OUTCOME_FREE);
	assert_int_equal(one.count, 3);
}

static void it_asks_nothing_that_the_schedule_does_not_let_it(void **state)
{
	(void)state;
	open_up();
	timetable.is_interrupted = true;
	assert_int_equal(ask(1), OUTCOME_BUSY);
	assert_int_equal(one.count, 0);
	assert_int_equal(peers.requests[COMMAND_TIME], 0);
}

static void a_reply_may_come_byte_by_byte(void **state)
{
	static const struct peer_script slow = { .reply_ms = 500 };
	uint8_t in[15];

	(void)state;
	peers_begin(&slow, 1);
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	hold_back(in, sizeof(in));
	for (size_t i = 0; i < sizeof(in); i++) {
		fake.now_ns += MS;
		fake_send(one.watch.fd, &in[i], 1);
		assert_int_equal(turn(),
			i + 1 < sizeof(in) ? OUTCOME_BUSY : OUTCOME_FREE);
	}
	assert_int_equal(times(TALLY_REQUEST), 1);
	/* It took until its last byte. */
	assert_int_equal(
		histogram_max(&context.score.tally.times[TALLY_REQUEST]),
		(500 + sizeof(in)) * MS);
	assert_int_equal(one.kept, 0);
}

static void what_nobody_asked_for_breaks_the_protocol(void **state)
{
	(void)state;
	open_up();
	fake_send(one.watch.fd, "14:08:38.630789", 15);
	assert_failed(turn(), TALLY_BROKEN);
}

static void (*hear)(int fd);

/* It takes more at once, as if it had only waited. */
static void make_room(int fd)
{
	fake_of(fd)->room = SIZE_MAX;
	hear(fd);
}

static void a_request_that_is_cut_is_followed_by_a_reset(void **state)
{
	unsigned sends;

	(void)state;
	open_up();
	hear = fake.on_send;
	fake.on_send = make_room;
	assert_int_equal(ask(1), OUTCOME_FREE);
	sends = sock()->sends;
	sock()->room = 2;
	assert_failed(ask(1), TALLY_REPLY_LATE);
	assert_int_equal(counted(TALLY_MISSING), 2);
	assert_true(sock()->is_dropped);
	/* No END was put behind it. */
	assert_int_equal(sock()->sends, sends + 1);
}

static void a_server_that_takes_nothing_does_not_read(void **state)
{
	(void)state;
	open_up();
	sock()->room = 0;
	assert_failed(ask(1), TALLY_REPLY_LATE);
	assert_int_equal(counted(TALLY_MISSING), 1);
}

static void a_broken_pipe_is_a_reset(void **state)
{
	(void)state;
	open_up();
	sock()->send_error = -EPIPE;
	assert_failed(ask(1), TALLY_RESET);
	assert_int_equal(counted(TALLY_MISSING), 1);
}

static void a_false_alarm_changes_nothing(void **state)
{
	(void)state;
	open_up();
	assert_int_equal(connection_ready(&context, &one), OUTCOME_BUSY);
	sock()->receive_error = -EAGAIN;
	assert_int_equal(connection_ready(&context, &one), OUTCOME_BUSY);
	sock()->receive_error = 0;
	assert_int_equal(one.stage, STAGE_OPEN);
}

/* --- silence --- */

static void a_number_ends_with_silence(void **state)
{
	static const struct peer_script slow = { .reply_ms = 10,
		.number = "213" };
	uint64_t over_ns;
	uint8_t last;

	(void)state;
	peers_begin(&slow, 1);
	plan.command = COMMAND_TEMP;
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	assert_null(connection_first_silent(&context, &over_ns));
	hold_back(&last, 1);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_ptr_equal(connection_first_silent(&context, &over_ns), &one);
	assert_int_equal(over_ns, fake.now_ns + 20 * MS);
	fake.now_ns += 7 * MS;
	fake_send(one.watch.fd, &last, 1);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_ptr_equal(connection_first_silent(&context, &over_ns), &one);
	assert_int_equal(over_ns, fake.now_ns + 20 * MS);
	fake.now_ns = over_ns;
	assert_int_equal(connection_end_silence(&context, &one), OUTCOME_FREE);
	assert_null(connection_first_silent(&context, &over_ns));
	assert_int_equal(one.count, 0);
	/* The silence is in no latency. */
	assert_int_equal(
		histogram_max(&context.score.tally.times[TALLY_REQUEST]),
		17 * MS);
}

static void silence_does_not_end_what_is_no_reply(void **state)
{
	static const struct peer_script odd = { .number = "-" };
	uint64_t over_ns;

	(void)state;
	peers_begin(&odd, 1);
	plan.command = COMMAND_TEMP;
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_non_null(connection_first_silent(&context, &over_ns));
	assert_int_not_equal(
		connection_end_silence(&context, &one), OUTCOME_FREE);
	assert_int_equal(times(TALLY_REQUEST), 0);
}

static void a_number_may_end_with_the_connection(void **state)
{
	(void)state;
	plan.command = COMMAND_TEMP;
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	assert_int_equal(turn(), OUTCOME_BUSY);
	sock()->has_end = true;
	assert_int_equal(turn(), OUTCOME_FREE);
	assert_int_equal(times(TALLY_REQUEST), 1);
	assert_failed(turn(), TALLY_CLOSED);
	assert_int_equal(counted(TALLY_MISSING), 0);
}

static void one_that_ends_is_waited_for_no_more(void **state)
{
	uint64_t over_ns;

	(void)state;
	plan.command = COMMAND_TEMP;
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_non_null(connection_first_silent(&context, &over_ns));
	ending_drop(&context, &one);
	assert_over();
}

static void a_sealed_reply_says_where_it_ends(void **state)
{
	static struct noise_identity identities[2];
	const struct peer_script secure = { .reply_ms = 10,
		.identity = &identities[0] };
	uint64_t over_ns;
	uint8_t last;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		random_bytes(
			identities[i].secret, sizeof(identities[i].secret));
		noise_identity_finish(&identities[i]);
	}
	loop_close(context.loop);
	peers_begin(&secure, 1);
	plan.exchange = EXCHANGE_NOISE;
	plan.identity = &identities[1];
	plan.command = COMMAND_TEMP;
	memcpy(plan.expected.keys[0].key, identities[0].public,
		NOISE_KEY_BYTES);
	plan.expected.count = 1;
	begin(PLAN_CLOSED);
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	hold_back(&last, 1);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_null(connection_first_silent(&context, &over_ns));
	fake_send(one.watch.fd, &last, 1);
	assert_int_equal(turn(), OUTCOME_FREE);
	assert_int_equal(times(TALLY_REQUEST), 1);
}

static void the_keys_are_the_plans(void **state)
{
	static const struct noise_identity mine;

	(void)state;
	loop_close(context.loop);
	plan.identity = &mine;
	plan.asks_older = true;
	begin(PLAN_CLOSED);
	assert_ptr_equal(context.host.identity, &mine);
	assert_true(context.host.asks_older);
}

/* --- deadlines --- */

static enum outcome check_after(uint64_t since_ns, uint64_t ns)
{
	return connection_check(&context, &one, since_ns + ns, 0);
}

static void a_reply_is_late_after_the_timeout_and_not_before(void **state)
{
	uint64_t asked_ns;

	(void)state;
	open_up();
	fake.now_ns += 100ull * S;
	asked_ns = fake.now_ns;
	assert_int_equal(ask(2), OUTCOME_FREE);
	assert_int_equal(check_after(asked_ns, S - 1), OUTCOME_BUSY);
	assert_failed(check_after(asked_ns, S), TALLY_REPLY_LATE);
	assert_int_equal(counted(TALLY_MISSING), 2);
	/* It was told END all the same. */
	assert_int_equal(peers.requests[COMMAND_END], 1);
}

static void the_oldest_request_tells_how_long_it_has_taken(void **state)
{
	uint64_t first_ns;

	(void)state;
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	fake.now_ns += 5 * MS;
	first_ns = fake.now_ns;
	assert_int_equal(ask(1), OUTCOME_FREE);
	assert_int_equal(turn(), OUTCOME_FREE); /* the first one's reply */
	assert_int_equal(check_after(first_ns, S - 1), OUTCOME_BUSY);
	assert_int_equal(check_after(first_ns, S), OUTCOME_FAILED);
}

static void who_is_asked_nothing_is_never_late(void **state)
{
	(void)state;
	assert_int_equal(check_after(0, UINT64_MAX), OUTCOME_BUSY);
	open_up();
	assert_int_equal(check_after(fake.now_ns, 999ull * S), OUTCOME_BUSY);
}

static void connecting_and_the_exchange_have_the_same_timeout(void **state)
{
	(void)state;
	assert_int_equal(start(), OUTCOME_BUSY);
	assert_int_equal(check_after(fake.now_ns, S - 1), OUTCOME_BUSY);
	assert_failed(check_after(fake.now_ns, S), TALLY_CONNECT_LATE);
	loop_close(context.loop);
	begin(PLAN_CLOSED);
	assert_int_equal(start(), OUTCOME_BUSY);
	fake.now_ns += 100 * MS;
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_int_equal(check_after(fake.now_ns, S - 1), OUTCOME_BUSY);
	assert_failed(check_after(fake.now_ns, S), TALLY_EXCHANGE_LATE);
}

static void after_a_pause_the_timeout_begins_anew(void **state)
{
	uint64_t resumed_ns;

	(void)state;
	open_up();
	assert_int_equal(ask(1), OUTCOME_FREE);
	resumed_ns = fake.now_ns + 60ull * S;
	assert_int_equal(connection_check(&context, &one, resumed_ns + S - 1,
				 resumed_ns),
		OUTCOME_BUSY);
	assert_int_equal(
		connection_check(&context, &one, resumed_ns + S, resumed_ns),
		OUTCOME_FAILED);
}

/* --- the end --- */

static void it_leaves_with_end_and_waits_for_the_server(void **state)
{
	(void)state;
	open_up();
	assert_int_equal(connection_leave(&context, &one), OUTCOME_BUSY);
	assert_int_equal(peers.requests[COMMAND_END], 1);
	assert_int_equal(one.stage, STAGE_LEAVING);
	/* What still comes before that does not matter. */
	fake_send(one.watch.fd, "garbage", 7);
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_int_equal(turn(), OUTCOME_CLOSED);
	assert_over();
	assert_false(sock()->is_dropped);
	assert_int_equal(tally_failed(&context.score.tally), 0);
}

static void a_reset_is_an_end_too_unless_it_is_measured(void **state)
{
	static const struct peer_script stays = { .stays = true };

	(void)state;
	peers_begin(&stays, 1);
	open_up();
	assert_int_equal(connection_leave(&context, &one), OUTCOME_BUSY);
	sock()->receive_error = -ECONNRESET;
	assert_int_equal(turn(), OUTCOME_CLOSED);
	loop_close(context.loop);
	begin(PLAN_HANDSHAKES);
	open_up();
	sock()->receive_error = -ECONNRESET;
	assert_failed(turn(), TALLY_RESET);
}

static void a_server_that_does_not_close_is_left_after_a_second(void **state)
{
	static const struct peer_script stays = { .stays = true };

	(void)state;
	plan.timeout_ns = 9ull * S;
	peers_begin(&stays, 1);
	open_up();
	assert_int_equal(connection_leave(&context, &one), OUTCOME_BUSY);
	assert_int_equal(check_after(fake.now_ns, S - 1), OUTCOME_BUSY);
	assert_int_equal(check_after(fake.now_ns, S), OUTCOME_CLOSED);
	assert_over();
	assert_int_equal(tally_failed(&context.score.tally), 0);
}

static void one_that_cannot_say_end_is_reset(void **state)
{
	(void)state;
	open_up();
	sock()->room = 0;
	assert_int_equal(connection_leave(&context, &one), OUTCOME_CLOSED);
	assert_over();
}

static void one_that_is_dropped_is_told_end_and_cut_short(void **state)
{
	(void)state;
	open_up();
	assert_int_equal(ask(3), OUTCOME_FREE);
	ending_drop(&context, &one);
	assert_over();
	assert_int_equal(counted(TALLY_CUT_SHORT), 3);
	assert_int_equal(peers.requests[COMMAND_END], 1);
	assert_false(sock()->is_dropped);
	ending_drop(&context, &one);
	assert_int_equal(counted(TALLY_CUT_SHORT), 3);
}

static void one_that_is_dropped_in_its_flights_is_reset(void **state)
{
	(void)state;
	assert_int_equal(start(), OUTCOME_BUSY);
	assert_int_equal(turn(), OUTCOME_BUSY);
	ending_drop(&context, &one);
	assert_over();
	assert_true(sock()->is_dropped);
	assert_int_equal(counted(TALLY_CUT_SHORT), 0);
}

/* --- handshakes --- */

static void a_handshake_says_end_with_its_last_flight(void **state)
{
	(void)state;
	loop_close(context.loop);
	begin(PLAN_HANDSHAKES);
	open_up();
	assert_int_equal(one.stage, STAGE_LEAVING);
	assert_int_equal(sock()->sends, 2);
	assert_int_equal(counted(TALLY_CONNECTED), 0);
	fake.now_ns += MS;
	assert_int_equal(turn(), OUTCOME_CLOSED);
	assert_int_equal(counted(TALLY_CONNECTED), 1);
	/* How long the server took to close is no part of it. */
	assert_int_equal(
		histogram_max(&context.score.tally.times[TALLY_EXCHANGE]),
		5 * MS);
	assert_over();
}

static void a_handshake_that_is_dropped_is_cut_short(void **state)
{
	(void)state;
	loop_close(context.loop);
	begin(PLAN_HANDSHAKES);
	assert_int_equal(start(), OUTCOME_BUSY);
	ending_drop(&context, &one);
	assert_int_equal(counted(TALLY_CUT_SHORT), 1);
	score_begin(&context.score, fake.now_ns + 1);
	assert_int_equal(start(), OUTCOME_BUSY);
	ending_drop(&context, &one);
	assert_int_equal(counted(TALLY_CUT_SHORT), 1);
}

static void nothing_of_one_try_is_left_for_the_next(void **state)
{
	uint8_t rest[100];

	(void)state;
	loop_close(context.loop);
	begin(PLAN_HANDSHAKES);
	assert_int_equal(start(), OUTCOME_BUSY);
	assert_int_equal(turn(), OUTCOME_BUSY);
	hold_back(rest, sizeof(rest));
	assert_int_equal(turn(), OUTCOME_BUSY);
	assert_int_equal(check_after(fake.now_ns, S), OUTCOME_FAILED);
	open_up();
	assert_int_equal(turn(), OUTCOME_CLOSED);
	assert_int_equal(counted(TALLY_CONNECTED), 1);
}

static int set_up_group(void **state)
{
	(void)state;
	return crypto_init();
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(it_is_free_once_its_keys_are_exchanged),
		RUN(a_flight_may_come_byte_by_byte),
		RUN(what_a_system_call_says_is_the_reason),
		RUN(what_the_loop_cannot_watch_is_closed),
		RUN(a_flight_that_is_not_taken_fails_it),
		RUN(it_asks_as_often_as_its_depth_in_one_send),
		RUN(it_is_free_while_it_has_room_for_more),
		RUN(it_asks_nothing_that_the_schedule_does_not_let_it),
		RUN(a_reply_may_come_byte_by_byte),
		RUN(what_nobody_asked_for_breaks_the_protocol),
		RUN(a_request_that_is_cut_is_followed_by_a_reset),
		RUN(a_server_that_takes_nothing_does_not_read),
		RUN(a_broken_pipe_is_a_reset),
		RUN(a_false_alarm_changes_nothing),
		RUN(a_number_ends_with_silence),
		RUN(silence_does_not_end_what_is_no_reply),
		RUN(a_number_may_end_with_the_connection),
		RUN(one_that_ends_is_waited_for_no_more),
		RUN(a_sealed_reply_says_where_it_ends),
		RUN(the_keys_are_the_plans),
		RUN(a_reply_is_late_after_the_timeout_and_not_before),
		RUN(the_oldest_request_tells_how_long_it_has_taken),
		RUN(who_is_asked_nothing_is_never_late),
		RUN(connecting_and_the_exchange_have_the_same_timeout),
		RUN(after_a_pause_the_timeout_begins_anew),
		RUN(it_leaves_with_end_and_waits_for_the_server),
		RUN(a_reset_is_an_end_too_unless_it_is_measured),
		RUN(a_server_that_does_not_close_is_left_after_a_second),
		RUN(one_that_cannot_say_end_is_reset),
		RUN(one_that_is_dropped_is_told_end_and_cut_short),
		RUN(one_that_is_dropped_in_its_flights_is_reset),
		RUN(a_handshake_says_end_with_its_last_flight),
		RUN(a_handshake_that_is_dropped_is_cut_short),
		RUN(nothing_of_one_try_is_left_for_the_next),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
