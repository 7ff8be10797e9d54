// SPDX-License-Identifier: MIT
/*
 * A whole worker in a world of the test's own (see fakes.h). It has no thread:
 * it works when it is waited for, until the test's last event, which stops it.
 */
#include "visitor.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "lib/authorized.h"
#include "server/worker.h"

enum {
	VISITORS = 24,
	IDLE_MS = 60000,
	HANDSHAKE_MS = 5000,
	STALLED_MS = 30000
};

static struct settings settings = {
	.max_connections = 100,
	.handshake_ms = HANDSHAKE_MS,
	.idle_ms = IDLE_MS,
};
static struct noise_identity identity;
static struct peer_log peer_log;
static struct sources sources;
static struct worker *worker;
static struct visitor visitors[VISITORS];
static int visitor_count;
static uint64_t begun_ms;

/* When it was told to stop: what it had counted, and who was there. */
static unsigned long counts[COUNTERS];
static size_t present;

/* What was done, a letter each: a visitor was sent something, a costly flight
 * was run. */
static char done[4096];
static size_t done_count;

static void *(*thread)(void *argument);
static void *thread_argument;

int pthread_create(pthread_t *id, const pthread_attr_t *attributes,
	void *(*begin)(void *), void *argument)
{
	(void)id;
	(void)attributes;
	thread = begin;
	thread_argument = argument;
	return 0;
}

int pthread_join(pthread_t id, void **result)
{
	(void)id;
	(void)result;
	thread(thread_argument);
	return 0;
}

static void note(char what)
{
	if (done_count < sizeof(done) - 1)
		done[done_count++] = what;
}

/* So many requests more are asked each time a reply has come. */
static unsigned to_be_asked;

/* Visitors read at once. */
static void react(int fd)
{
	for (int i = 0; i < visitor_count; i++) {
		struct visitor *v = &visitors[i];
		unsigned replies = v->replies;

		if (v->fd != fd)
			continue;
		note((char)('a' + i));
		visitor_read(v);
		if (v->replies == replies || !to_be_asked)
			continue;
		to_be_asked--;
		visitor_ask(v, COMMAND_TIME);
	}
}

/* The process is stopped for so many milliseconds, or the machine is busy. */
static void freeze(void *ms)
{
	fake.now_ns += (uintptr_t)ms * 1000000;
}

static void work(void *ms)
{
	freeze(ms);
	fake.own_ns += (uintptr_t)ms * 1000000;
}

static unsigned flight_ms; /* how long a costly flight takes */

/* Becomes ready while the first costly flight is run. */
static struct visitor *asks_meanwhile;

/* The server draws its ephemeral key when it runs the costly flight. */
static void draw(uint8_t *bytes, size_t n)
{
	random_bytes(bytes, n);
	if (n != NOISE_KEY_BYTES)
		return;
	note('!');
	work((void *)(uintptr_t)flight_ms);
	if (asks_meanwhile)
		visitor_ask(asks_meanwhile, COMMAND_TIME);
	asks_meanwhile = NULL;
}

static int begin_with(const struct noise_identity *its, struct authorized *list)
{
	fake_begin(NULL);
	memset(visitors, 0, sizeof(visitors));
	memset(done, 0, sizeof(done));
	visitor_count = 0;
	done_count = 0;
	to_be_asked = flight_ms = 0;
	asks_meanwhile = NULL;
	fake.on_send = react;
	begun_ms = clock_ms();
	dice_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	peer_log_open(&peer_log, NULL, settings.quiet, NULL);
	sources_close(&sources);
	sources_open(&sources, (unsigned long)settings.max_connections, 100);
	worker = worker_new(&settings, &peer_log, &sources, its, NULL, list);
	if (!worker)
		return -1;
	worker->context.host.draw = draw;
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return crypto_init() ? -1 : begin_with(&identity, NULL);
}

/* --- what can happen, at its time --- */

static void stop(void *unused)
{
	(void)unused;
	for (enum counter i = 0; i < COUNTERS; i++)
		counts[i] = counter_read(&worker->context.counters, i);
	present = worker->context.connections.lent;
	worker_stop(worker);
}

static void ask(void *v)
{
	visitor_ask(v, COMMAND_TIME);
}

static void leave(void *v)
{
	visitor_ask(v, COMMAND_END);
}

static void end(void *v)
{
	visitor_end(v);
}

static void let_go(void *v)
{
	visitor_let_go(v, ((struct visitor *)v)->held);
}

static void take_all(void *v)
{
	fake_of(((struct visitor *)v)->fd)->room = SIZE_MAX;
	react(((struct visitor *)v)->fd);
}

/* Serves for so long, and then until it has stopped. */
static void run(uint64_t ms)
{
	fake_at(ms, stop, NULL);
	worker_free(worker);
}

/* A client comes in, with its first flight but for the last bytes of that. */
static struct visitor *enter_partly(enum exchange_id exchange, size_t held)
{
	struct visitor *v = &visitors[visitor_count++];
	const struct address from = { .ip = { 192, 0, 2, 1 },
		.port = (uint16_t)visitor_count };

	assert_true(visitor_count <= VISITORS);
	visitor_begin(v, exchange, held);
	mail_deal(&worker->mailbox, v->fd, &from);
	return v;
}

static struct visitor *enter(enum exchange_id exchange)
{
	return enter_partly(exchange, 0);
}

/* When was it closed, in milliseconds since the beginning? */
static uint64_t closed_ms(const struct visitor *v)
{
	assert_true(fake_of(v->fd)->is_closed);
	return fake_of(v->fd)->closed_ns / 1000000 - begun_ms;
}

static void sessions_are_served_until_they_are_idle(void **state)
{
	struct visitor *v[2] = { enter(EXCHANGE_XOR), enter(EXCHANGE_NOISE) };

	(void)state;
	for (int i = 0; i < 2; i++) {
		fake_at(1000, ask, v[i]);
		fake_at(50000, ask, v[i]);
	}
	run(500000);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(v[i]->replies, 2);
		assert_int_equal(v[i]->errors, 0);
		assert_int_equal(closed_ms(v[i]), 50000 + IDLE_MS);
	}
	assert_int_equal(counts[COMMAND_TIME], 4);
	assert_int_equal(counts[COUNT_IDLE], 2);
	assert_int_equal(counts[COUNT_CLOSED], 2);
}

static void each_deadline_comes_at_its_time(void **state)
{
	struct visitor *silent = enter_partly(EXCHANGE_XOR, 128);
	struct visitor *partly = enter_partly(EXCHANGE_NOISE, 1);
	struct visitor *stuck = enter(EXCHANGE_XOR);
	struct visitor *leaving = enter(EXCHANGE_XOR);

	(void)state;
	fake_of(stuck->fd)->room = 128 + 1; /* its flight, and a byte */
	fake_at(7, ask, stuck);
	fake_at(11, leave, leaving);
	run(500000);
	assert_int_equal(closed_ms(silent), HANDSHAKE_MS);
	assert_int_equal(closed_ms(partly), HANDSHAKE_MS);
	assert_int_equal(closed_ms(stuck), 7 + STALLED_MS);
	assert_int_equal(closed_ms(leaving), 11 + 1000);
	assert_int_equal(counts[COUNT_HANDSHAKE], 2);
	assert_int_equal(counts[COUNT_STALLED], 1);
	assert_true(fake_of(stuck->fd)->is_dropped);
}

static void whoever_takes_the_replies_in_time_stays(void **state)
{
	struct visitor *v = enter(EXCHANGE_XOR);

	(void)state;
	fake_of(v->fd)->room = 128 + 1;
	fake_at(10, ask, v);
	fake_at(10 + STALLED_MS - 1, take_all, v);
	fake_at(10 + STALLED_MS + 100, ask, v);
	run(10 + STALLED_MS + 200);
	assert_int_equal(v->replies, 2);
	assert_int_equal(present, 1);
}

/* --- who goes first --- */

enum { NOISE_FLIGHT_1 = 40, XOR_FLIGHT = 128 };

/* Sessions that are open, and others that have said nothing yet. */
static void fill(int sessions, int silent)
{
	for (int i = 0; i < sessions; i++)
		enter(EXCHANGE_XOR);
	for (int i = 0; i < silent; i++)
		enter_partly(EXCHANGE_NOISE, NOISE_FLIGHT_1);
}

/* All sessions ask, and all others send their first flight. */
static void rush(void *unused)
{
	(void)unused;
	done_count = 0;
	for (int i = 0; i < visitor_count; i++)
		if (visitors[i].held)
			let_go(&visitors[i]);
		else
			ask(&visitors[i]);
}

static void requests_go_before_all_flights(void **state)
{
	(void)state;
	fill(3, 3);
	fake_at(100, rush, NULL);
	run(200);
	assert_memory_equal(done, "abc!d!e!f", 10);
}

static void a_request_waits_for_one_flight_at_most(void **state)
{
	(void)state;
	fill(3, 3);
	asks_meanwhile = &visitors[1];
	fake_at(100, rush, NULL);
	run(200);
	assert_memory_equal(done, "abc!db!e!f", 11);
}

/* With a batch that is full, others may be ready that it has no room for. */
static void more_requests_than_a_batch_go_before_all_flights(void **state)
{
	const char *flight;

	(void)state;
	fill(2 * FAKE_BATCH, 2);
	fake_at(100, rush, NULL);
	run(200);
	flight = strchr(done, '!');
	assert_non_null(flight);
	assert_int_equal(flight - done, 2 * FAKE_BATCH);
}

static void requests_without_end_do_not_keep_flights_out(void **state)
{
	const char *flight, *next;

	(void)state;
	fill(FAKE_BATCH, 2);
	to_be_asked = 1000;
	fake_at(100, rush, NULL);
	run(200);
	flight = strchr(done, '!');
	assert_non_null(flight);
	assert_true(flight - done < 5 * FAKE_BATCH);
	assert_int_equal(counts[COMMAND_TIME], 1000 + FAKE_BATCH);
	/* Before the next one all connections have their turn again. */
	next = strchr(flight + 1, '!');
	assert_non_null(next);
	assert_in_range(next - flight, 3 * FAKE_BATCH, 5 * FAKE_BATCH);
}

static void note_only(int fd)
{
	note((char)('a' + fd - visitors[0].fd));
}

/* One sends without end, and then another one asks. */
static void flood(void *unused)
{
	uint8_t bytes[FAKE_IN_BYTES] = { 0 };

	(void)unused;
	done_count = 0;
	fake.on_send = note_only;
	fake_send(visitors[0].fd, bytes, sizeof(bytes));
	ask(&visitors[1]);
}

static void a_flood_holds_up_nobody(void **state)
{
	(void)state;
	fill(2, 0);
	fake_at(100, flood, NULL);
	run(200);
	assert_true(done_count > 10);
	assert_in_range(strchr(done, 'b') - done, 0, 1);
}

/* --- the clock --- */

static void freeze_and_rush(void *ms)
{
	freeze(ms);
	rush(NULL);
}

static void what_arrived_during_a_stop_is_read_before_deadlines(void **state)
{
	(void)state;
	fill(VISITORS, 0); /* more than a batch */
	fake_at(1000, freeze_and_rush, (void *)(uintptr_t)(2 * IDLE_MS));
	run(1000 + 2 * IDLE_MS + 100);
	assert_int_equal(counts[COMMAND_TIME], VISITORS);
	assert_int_equal(present, VISITORS);
}

static void work_and_rush(void *ms)
{
	work(ms);
	rush(NULL);
}

static void so_is_what_arrived_while_the_worker_was_busy(void **state)
{
	(void)state;
	fill(VISITORS, 0);
	fake_at(1000, work_and_rush, (void *)(uintptr_t)(2 * IDLE_MS));
	run(1000 + 2 * IDLE_MS + 100);
	assert_int_equal(counts[COMMAND_TIME], VISITORS);
	assert_int_equal(present, VISITORS);
}

static void after_a_stop_flights_come_first_though_they_take_long(void **state)
{
	(void)state;
	fill(0, VISITORS);
	fake.on_send = note_only;
	flight_ms = HANDSHAKE_MS / VISITORS + 100;
	fake_at(1000, freeze_and_rush, (void *)(uintptr_t)(2 * HANDSHAKE_MS));
	run(10 * HANDSHAKE_MS);
	for (int i = 0; i < VISITORS; i++)
		assert_non_null(strchr(done, 'a' + i));
}

static void flights_that_arrived_during_a_stop_are_read_too(void **state)
{
	(void)state;
	fill(0, VISITORS);
	fake_at(1000, freeze_and_rush, (void *)(uintptr_t)(2 * HANDSHAKE_MS));
	run(1000 + 2 * HANDSHAKE_MS + 100);
	assert_int_equal(counts[COUNT_HANDSHAKE], 0);
	assert_int_equal(present, VISITORS);
	for (int i = 0; i < VISITORS; i++)
		assert_int_equal(visitors[i].session.state, SESSION_OPEN);
}

static void a_stop_moves_deadlines_by_its_length(void **state)
{
	struct visitor *v = enter_partly(EXCHANGE_XOR, XOR_FLIGHT);

	(void)state;
	fake_at(1000, freeze, (void *)(uintptr_t)20000);
	run(100000);
	assert_int_equal(counts[COUNT_HANDSHAKE], 1);
	/* When in the wait it began is not known. */
	assert_in_range(closed_ms(v), 20000 + HANDSHAKE_MS - 1000,
		20000 + HANDSHAKE_MS + 1000);
}

static void a_load_moves_no_deadline(void **state)
{
	struct visitor *v = enter_partly(EXCHANGE_XOR, XOR_FLIGHT);

	(void)state;
	fake_at(1000, work, (void *)(uintptr_t)20000);
	run(100000);
	assert_int_equal(closed_ms(v), 21000);
}

static void fail_to_wait(void *v)
{
	fake.wait_error = -ENOMEM;
	ask(v);
}

static void a_wait_that_fails_is_tried_again(void **state)
{
	struct visitor *v = enter(EXCHANGE_XOR);

	(void)state;
	fake_at(100, fail_to_wait, v);
	fake_at(200, fail_to_wait, v);
	run(300);
	assert_int_equal(v->replies, 2);
}

static void fail_from_now_on(void *nothing)
{
	(void)nothing;
	fake.never_waits = true;
}

static void it_stops_even_if_no_wait_succeeds(void **state)
{
	struct visitor *v = enter(EXCHANGE_XOR);

	(void)state;
	fake_at(100, fail_from_now_on, NULL);
	run(300);
	assert_in_range(closed_ms(v), 300, 2500);
}

/* --- letters --- */

static void authorize(void *list)
{
	mail_authorize(&worker->mailbox, list);
}

static void a_list_ends_sessions_that_are_not_on_it(void **state)
{
	char text[KEY_TEXT_BYTES], line[64];
	struct complaint complaint;
	struct authorized *list;
	struct visitor *in = enter(EXCHANGE_NOISE);
	struct visitor *out = enter(EXCHANGE_NOISE);
	struct visitor *plain = enter(EXCHANGE_XOR);

	(void)state;
	snprintf(line, sizeof(line), "%s name\n",
		key_format(in->identity.public, text));
	assert_int_equal(
		authorized_parse(strdup(line), "list", &list, &complaint), 0);
	fake_at(100, authorize, list);
	fake_at(200, ask, in);
	fake_at(200, ask, plain);
	run(300);
	assert_int_equal(in->replies + plain->replies, 2);
	assert_int_equal(closed_ms(out), 100);
	assert_int_equal(counts[COUNT_UNLISTED], 1);
	authorized_release(list);
}

static void identify(void *unused)
{
	(void)unused;
	mail_identify(&worker->mailbox, &identity);
}

static void come_in(void *unused)
{
	(void)unused;
	enter(EXCHANGE_NOISE);
}

static void a_key_may_come_later(void **state)
{
	fake_end(state);
	worker_stop(worker);
	worker_free(worker);
	assert_int_equal(begin_with(NULL, NULL), 0);
	fake_at(100, come_in, NULL);
	fake_at(200, identify, NULL);
	fake_at(300, come_in, NULL);
	run(400);
	assert_int_equal(counts[COUNT_UNSERVED], 1);
	assert_int_equal(visitors[1].session.state, SESSION_OPEN);
}

static void turn_page(void *unused)
{
	(void)unused;
	strcpy(worker->context.answers.clock, "12:34:5");
	mail_turn_page(&worker->mailbox);
}

static void check_page(void *unused)
{
	(void)unused;
	assert_string_equal(worker->context.answers.clock, "");
}

static void a_page_is_turned_at_once(void **state)
{
	(void)state;
	fake_at(100, turn_page, NULL);
	fake_at(200, check_page, NULL);
	run(300);
}

/* --- the order to stop --- */

static void it_stops_in_its_time_whatever_the_peers_do(void **state)
{
	struct visitor *silent = enter_partly(EXCHANGE_XOR, 1);
	struct visitor *idle = enter(EXCHANGE_NOISE);
	struct visitor *leaving = enter(EXCHANGE_XOR);
	struct visitor *stuck = enter(EXCHANGE_XOR);

	(void)state;
	fake_of(stuck->fd)->room = XOR_FLIGHT + 1;
	fake_at(100, ask, stuck);
	fake_at(1010, end, leaving);
	run(1000);
	assert_int_equal(present, 4);
	assert_int_equal(closed_ms(silent), 1000);
	assert_int_equal(closed_ms(leaving), 1010);
	assert_int_equal(closed_ms(idle), 1000 + 1000);
	assert_int_equal(closed_ms(stuck), 1000 + WORKER_STOP_MS);
	assert_int_equal(clock_ms() - begun_ms, 1000 + WORKER_STOP_MS);
}

static void ask_and_stop(void *v)
{
	ask(v);
	ask(v);
	stop(NULL);
}

static void what_has_arrived_by_then_is_answered(void **state)
{
	struct visitor *v = enter(EXCHANGE_XOR);

	(void)state;
	fake_at(1000, ask_and_stop, v);
	worker_free(worker);
	assert_int_equal(v->replies, 2);
	assert_true(fake_of(v->fd)->is_finished);
}

/* New requests of a session that is stalled are none that are answered. */
static void a_stalled_session_gets_what_it_is_owed(void **state)
{
	struct visitor *v = enter(EXCHANGE_XOR);

	(void)state;
	fake_of(v->fd)->room = XOR_FLIGHT + 1;
	fake_at(100, ask, v);
	fake_at(500, ask, v);
	fake_at(1200, take_all, v);
	fake_at(1300, end, v);
	run(1000);
	assert_int_equal(v->replies, 1);
	assert_true(fake_of(v->fd)->is_finished);
	assert_int_equal(closed_ms(v), 1300);
}

static void without_connections_it_stops_at_once(void **state)
{
	(void)state;
	run(1000);
	assert_int_equal(clock_ms() - begun_ms, 1000);
}

/* --- whatever the peers do --- */

enum { HAPPENINGS = 200, CROWDED_MS = 200000, CROWDS = 40 };

/* Those in their flights go on with them. */
static void go_on(int fd)
{
	struct visitor *v = &visitors[fd - FAKE_FD];

	if (v->session.state == SESSION_EXCHANGE)
		visitor_read(v);
}

static void come(void)
{
	if (visitor_count < VISITORS)
		enter_partly(dice_below(4) ? EXCHANGE_XOR : EXCHANGE_NOISE,
			dice_below(3) ? 0 : 1 + dice_below(NOISE_FLIGHT_1));
}

static void say(struct visitor *v)
{
	static const char *const words[] = { "TIME", "DATE", "TIM", "x",
		"END" };
	const char *word = words[dice_below(COUNT_OF(words))];
	struct buffer out = visitor_buffer(v);

	if (v->held) {
		visitor_let_go(v, 1 + dice_below(v->held));
	} else if (v->session.state == SESSION_OPEN) {
		assert_int_equal(
			session_exchange(&v->session)
				->seal(&v->session.keys, (const uint8_t *)word,
					strlen(word), &out),
			0);
		visitor_send(v, out.bytes, out.len - dice_below(2));
	}
}

static void change_room(struct visitor *v)
{
	fake_of(v->fd)->room = dice_below(2) ? SIZE_MAX : dice_below(20);
}

static void break_off(struct visitor *v)
{
	if (dice_below(2))
		visitor_end(v);
	else
		fake_of(v->fd)->receive_error = -ECONNRESET;
}

static void hold_up(struct visitor *unused)
{
	void *ms = (void *)(uintptr_t)dice_below(8000);

	(void)unused;
	if (dice_below(2))
		work(ms);
	else
		freeze(ms);
}

static void let_something_happen(void *unused)
{
	static void (*const happenings[])(struct visitor * v) = { say, say, say,
		say, say, change_room, break_off, hold_up };
	struct visitor *v;

	(void)unused;
	if (!visitor_count || !dice_below(5)) {
		come();
		return;
	}
	v = &visitors[dice_below((size_t)visitor_count)];
	if (!fake_of(v->fd)->is_closed)
		happenings[dice_below(COUNT_OF(happenings))](v);
}

static void all_are_ended_once_and_in_time(void **state)
{
	for (int crowd = 0; crowd < CROWDS; crowd++) {
		if (crowd)
			set_up(state);
		fake.on_send = go_on;
		for (int i = 0; i < HAPPENINGS; i++)
			fake_at(dice_below(CROWDED_MS), let_something_happen,
				NULL);
		/* A second of each stop is uncertain. */
		run(CROWDED_MS + IDLE_MS + 10000 * HAPPENINGS);
		assert_true(visitor_count > 4);
		for (int i = 0; i < visitor_count; i++)
			assert_true(fake_of(visitors[i].fd)->is_closed);
		assert_int_equal(counts[COUNT_CLOSED], visitor_count);
		assert_int_equal(present, 0);
		if (crowd + 1 < CROWDS)
			fake_end(state);
	}
}

#define WORKER_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, set_up, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORKER_TEST(sessions_are_served_until_they_are_idle),
		WORKER_TEST(each_deadline_comes_at_its_time),
		WORKER_TEST(whoever_takes_the_replies_in_time_stays),
		WORKER_TEST(requests_go_before_all_flights),
		WORKER_TEST(a_request_waits_for_one_flight_at_most),
		WORKER_TEST(more_requests_than_a_batch_go_before_all_flights),
		WORKER_TEST(requests_without_end_do_not_keep_flights_out),
		WORKER_TEST(a_flood_holds_up_nobody),
		WORKER_TEST(
			what_arrived_during_a_stop_is_read_before_deadlines),
		WORKER_TEST(so_is_what_arrived_while_the_worker_was_busy),
		WORKER_TEST(flights_that_arrived_during_a_stop_are_read_too),
		WORKER_TEST(
			after_a_stop_flights_come_first_though_they_take_long),
		WORKER_TEST(a_stop_moves_deadlines_by_its_length),
		WORKER_TEST(a_load_moves_no_deadline),
		WORKER_TEST(a_wait_that_fails_is_tried_again),
		WORKER_TEST(it_stops_even_if_no_wait_succeeds),
		WORKER_TEST(a_list_ends_sessions_that_are_not_on_it),
		WORKER_TEST(a_key_may_come_later),
		WORKER_TEST(a_page_is_turned_at_once),
		WORKER_TEST(it_stops_in_its_time_whatever_the_peers_do),
		WORKER_TEST(what_has_arrived_by_then_is_answered),
		WORKER_TEST(a_stalled_session_gets_what_it_is_owed),
		WORKER_TEST(without_connections_it_stops_at_once),
		WORKER_TEST(all_are_ended_once_and_in_time),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
