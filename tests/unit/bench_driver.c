// SPDX-License-Identifier: MIT
/*
 * Whole runs of one thread, in a world where time passes only when something
 * is waited for: what is asked when, what counts, and how a run ends.
 */
#include "helper.h"

#include <errno.h>
#include <sodium.h>

#include "bench/driver.h"
#include "crypto/random.h"
#include "fakes/fakes.h"
#include "fakes/peers.h"

enum { S = 1000000000, MS = 1000000 };

static struct plan plan;
static struct run run;
static struct driver driver;
static struct noise_identity identities[2]; /* the server's, the client's */

static const struct peer_script quick = { .reply_ms = 10 };

static int set_up(void **state)
{
	fake_begin(state);
	plan = (struct plan){
		.connections = 2,
		.threads = 1,
		.depth = 1,
		.duration_ns = S,
		.timeout_ns = 500 * MS,
	};
	peers_begin(&quick, 1);
	return 0;
}

static int tear_down(void **state)
{
	peers_end();
	return fake_end(state);
}

static void prepare(long thread)
{
	memset(&driver, 0, sizeof(driver));
	memset(&run, 0, sizeof(run));
	run.timetable.plan = &plan;
	run.timetable.left = plan.requests;
	run.timetable.start_ns = fake.now_ns + 20 * MS;
	assert_int_equal(driver_init(&driver, &run, thread), 0);
}

/* A whole run; returns how long it lasted from the start, in ms. */
static uint64_t make_run(void)
{
	prepare(0);
	driver_run(&driver);
	group_free(&driver.group);
	assert_int_equal(run.opened, 1);
	assert_int_equal(run.finished, 1);
	assert_int_equal(peers.open, 0);
	assert_int_equal(context_sockets(&driver.group.context), 0);
	assert_int_equal(driver.group.context.under_way, 0);
	return (fake.now_ns - run.timetable.start_ns) / MS;
}

static const struct histogram *times(enum tally_time which)
{
	return &driver.group.context.score.tally.times[which];
}

static uint64_t completed(void)
{
	return histogram_total(times(TALLY_REQUEST));
}

static uint64_t counted(enum tally_count what)
{
	return tally_counted(&driver.group.context.score.tally, what);
}

static uint64_t failed(void)
{
	return tally_failed(&driver.group.context.score.tally);
}

static bool is_about(uint64_t ns, uint64_t ms)
{
	return ns > ms * MS - ms * MS / 64 && ns < ms * MS + ms * MS / 64;
}

/* --- closed loop --- */

static void each_reply_is_followed_by_a_request(void **state)
{
	uint64_t lasted = make_run();

	(void)state;
	/* 100 replies a second on each of 2, and those under way at the end. */
	assert_in_range(completed(), 198, 202);
	assert_in_range(lasted, 1000, 1030);
	assert_true(is_about(histogram_at(times(TALLY_REQUEST), 0.5), 10));
	assert_int_equal(histogram_total(times(TALLY_UNCORRECTED)), 0);
	assert_int_equal(peers.requests[COMMAND_TIME], completed());
	assert_int_equal(peers.requests[COMMAND_END], 2);
	assert_int_equal(counted(TALLY_CONNECTED), 2);
	assert_int_equal(failed(), 0);
}

static void so_many_are_asked_and_no_more(void **state)
{
	(void)state;
	plan.requests = 7;
	make_run();
	assert_int_equal(completed(), 7);
	assert_int_equal(peers.requests[COMMAND_TIME], 7);
}

static void so_many_as_the_depth_leave_in_one_send(void **state)
{
	(void)state;
	plan.depth = 8;
	plan.requests = 100;
	make_run();
	assert_int_equal(completed(), 100);
	assert_int_equal(peers.asked_most, 8);
}

static void a_mix_asks_for_all_in_turn(void **state)
{
	(void)state;
	plan.command = PLAN_MIX;
	plan.requests = 10 * COMMAND_ASKED;
	make_run();
	assert_int_equal(completed(), plan.requests);
	for (int i = 0; i < COMMAND_ASKED; i++)
		assert_int_equal(peers.requests[i], 10);
}

static void the_silence_after_a_number_costs_time_but_no_latency(void **state)
{
	uint64_t lasted;

	(void)state;
	plan.command = COMMAND_TEMP;
	plan.connections = 1;
	plan.requests = 20;
	lasted = make_run();
	assert_int_equal(completed(), 20);
	assert_true(histogram_max(times(TALLY_REQUEST)) < 11 * MS);
	/* A wait is rounded up to a millisecond; at the end, END is answered
	 * like a request. */
	assert_in_range(lasted, 20 * (10 + 20), 20 * (10 + 21) + 10);
}

static void the_warm_up_is_not_counted(void **state)
{
	(void)state;
	plan.requests = 20;
	plan.warmup_ns = 300 * MS;
	make_run();
	assert_int_equal(completed(), 20);
	assert_in_range(peers.requests[COMMAND_TIME], 20 + 58, 20 + 62);
	assert_int_equal(counted(TALLY_CONNECTED), 2);
}

static void connections_are_opened_so_many_at_a_time(void **state)
{
	static const struct peer_script slow = {
		.connect_ms = 5, .flight_ms = 5, .reply_ms = 10
	};

	(void)state;
	peers_begin(&slow, 1);
	plan.connections = 150;
	plan.requests = 150;
	prepare(0);
	run.timetable.start_ns += S;
	while (group_is_opening(&driver.group)) {
		group_open(&driver.group);
		group_step(&driver.group);
		assert_true(context_openings(&driver.group.context) <= 64);
	}
	assert_int_equal(counted(TALLY_CONNECTED), 150);
	assert_true(is_about(histogram_at(times(TALLY_CONNECT), 0.5), 5));
	assert_true(is_about(histogram_at(times(TALLY_EXCHANGE), 0.5), 5));
	group_drop(&driver.group);
	group_free(&driver.group);
}

static void they_come_from_the_sources_in_turn(void **state)
{
	struct addrinfo sources[3];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sources); i++)
		plan.from[plan.from_count++] = &sources[i];
	plan.connections = 14;
	plan.threads = 2;
	plan.requests = 5;
	prepare(1);
	driver_run(&driver);
	group_free(&driver.group);
	/* This thread has every second of them. */
	assert_int_equal(fake.socket_count, 7);
	for (int i = 0; i < 7; i++)
		assert_ptr_equal(
			fake.sockets[i]->from, &sources[(2 * i + 1) % 3]);
}

/* --- open loop --- */

static void a_schedule_is_kept(void **state)
{
	(void)state;
	plan.mode = PLAN_OPEN;
	plan.rate = 50;
	make_run();
	assert_int_equal(completed(), 50);
	assert_int_equal(counted(TALLY_UNSENT), 0);
	assert_int_equal(histogram_total(times(TALLY_UNCORRECTED)), 50);
	assert_true(is_about(histogram_max(times(TALLY_REQUEST)), 10));
	/* The last one is due 20 ms before the end. */
	assert_int_equal(driver.group.context.score.ended_ns,
		run.timetable.start_ns + 990ull * MS);
}

static void a_stall_is_in_every_latency_that_it_has_caused(void **state)
{
	static const struct peer_script stalls = {
		.reply_ms = 1, .stall_at = 20, .stall_ms = 500
	};

	(void)state;
	peers_begin(&stalls, 1);
	plan.mode = PLAN_OPEN;
	plan.rate = 100;
	plan.connections = 1;
	plan.requests = 100;
	plan.timeout_ns = S;
	make_run();
	assert_int_equal(completed(), 100);
	/* 40 of the 50 that were due meanwhile had 100 ms still to wait. */
	assert_true(histogram_at(times(TALLY_REQUEST), 0.62) > 90 * MS);
	assert_true(is_about(histogram_max(times(TALLY_REQUEST)), 500));
	assert_true(histogram_at(times(TALLY_UNCORRECTED), 0.98) < 2 * MS);
	assert_true(is_about(histogram_max(times(TALLY_UNCORRECTED)), 500));
}

static void a_slow_reply_does_not_hold_up_the_schedule(void **state)
{
	static const struct peer_script scripts[] = {
		{ .reply_ms = 1 },
		{ .reply_ms = 1, .stall_at = 1, .stall_ms = 600 },
	};

	(void)state;
	peers_begin(scripts, 2);
	plan.mode = PLAN_OPEN;
	plan.rate = 40;
	plan.duration_ns = 300 * MS;
	plan.timeout_ns = S;
	make_run();
	assert_int_equal(completed(), 12);
	assert_true(is_about(histogram_max(times(TALLY_REQUEST)), 600));
	assert_true(histogram_at(times(TALLY_REQUEST), 0.9) < 2 * MS);
}

static void what_is_due_goes_to_whoever_has_been_free_longest(void **state)
{
	(void)state;
	plan.mode = PLAN_OPEN;
	plan.rate = 50; /* one request at a time */
	plan.connections = 5;
	make_run();
	for (int i = 0; i < 5; i++)
		assert_int_equal(fake.sockets[i]->sends, 1 + 1 + 10 + 1);
}

static void one_that_has_room_keeps_its_place_when_a_reply_comes(void **state)
{
	static const struct peer_script scripts[] = {
		{ .reply_ms = 15 },
		{ .reply_ms = 100 },
	};

	(void)state;
	/* The first, the second, and again the first. */
	for (unsigned n = 2; n <= 3; n++) {
		set_up(NULL);
		peers_begin(scripts, 2);
		plan.mode = PLAN_OPEN;
		plan.rate = 100;
		plan.depth = 2;
		plan.requests = n;
		make_run();
		assert_int_equal(fake.sockets[0]->sends, 2 + n - 1 + 1);
		assert_int_equal(fake.sockets[1]->sends, 2 + 1 + 1);
		tear_down(NULL);
	}
	set_up(NULL);
}

static void one_that_has_failed_is_asked_no_more(void **state)
{
	static const struct peer_script scripts[] = {
		{ .reply_ms = 1 },
		{ .reply_ms = 1, .fault_at = 1, .fault = PEER_RESETS },
	};

	(void)state;
	peers_begin(scripts, 2);
	plan.mode = PLAN_OPEN;
	plan.rate = 100;
	plan.depth = 2; /* so it has room when it fails */
	make_run();
	assert_int_equal(counted(TALLY_MISSING), 1);
	assert_int_equal(completed(), 99);
	assert_int_equal(failed(), 1);
}

static void what_cannot_leave_in_time_is_counted_as_unsent(void **state)
{
	(void)state;
	plan.mode = PLAN_OPEN;
	plan.rate = 1000; /* and 200 is what can be done */
	make_run();
	assert_in_range(completed(), 198, 202);
	assert_int_equal(completed() + counted(TALLY_UNSENT), 1000);
	assert_true(histogram_at(times(TALLY_REQUEST), 0.9) > 500 * MS);
}

static void a_thread_without_connections_leaves_its_schedule_undone(
	void **state)
{
	static const struct peer_script closes = {
		.reply_ms = 10, .fault_at = 1, .fault = PEER_CLOSES
	};

	(void)state;
	peers_begin(&closes, 1);
	plan.mode = PLAN_OPEN;
	plan.rate = 40;
	plan.threads = 2;
	make_run();
	/* Every second request is the other thread's, and one was sent. */
	assert_int_equal(counted(TALLY_MISSING), 1);
	assert_int_equal(counted(TALLY_UNSENT), 19);
}

static void the_warm_up_of_a_schedule_is_not_missed(void **state)
{
	(void)state;
	plan.mode = PLAN_OPEN;
	plan.rate = 1000;
	plan.warmup_ns = S;
	make_run();
	assert_int_equal(completed() + counted(TALLY_UNSENT), 1000);
}

static void wake_late(void *unused)
{
	(void)unused;
	fake.now_ns += 300 * MS;
}

static void a_thread_that_woke_late_sends_what_was_due_before_the_end(
	void **state)
{
	(void)state;
	plan.mode = PLAN_OPEN;
	plan.rate = 10;
	plan.connections = 9;
	fake_at(20 + 750, wake_late, NULL);
	make_run();
	assert_int_equal(completed(), 10);
	assert_int_equal(counted(TALLY_UNSENT), 0);
	assert_true(histogram_max(times(TALLY_REQUEST)) > 250 * MS);
	assert_true(histogram_max(times(TALLY_UNCORRECTED)) < 20 * MS);
}

static void (*hear)(int fd);

static void send_slowly(int fd)
{
	hear(fd);
	if (peers.requests[COMMAND_TIME] == 3)
		fake.now_ns += 900 * MS;
}

static void a_thread_that_stood_still_in_a_send_does_so_too(void **state)
{
	(void)state;
	hear = fake.on_send;
	fake.on_send = send_slowly;
	plan.mode = PLAN_OPEN;
	plan.rate = 10;
	plan.connections = 10;
	make_run();
	assert_int_equal(completed(), 10);
	assert_int_equal(counted(TALLY_UNSENT), 0);
}

/* --- handshakes --- */

static void handshakes_follow_each_other(void **state)
{
	static const struct peer_script even = { .connect_ms = 2,
		.flight_ms = 4 };

	(void)state;
	peers_begin(&even, 1);
	plan.mode = PLAN_HANDSHAKES;
	plan.requests = 40;
	make_run();
	assert_int_equal(histogram_total(times(TALLY_EXCHANGE)), 40);
	assert_int_equal(histogram_total(times(TALLY_CONNECT)), 40);
	assert_int_equal(counted(TALLY_CONNECTED), 40);
	assert_int_equal(peers.sessions, 40);
	assert_int_equal(peers.requests[COMMAND_END], 40);
	assert_int_equal(peers.requests[COMMAND_TIME], 0);
	assert_int_equal(peers.open_most, 2);
	assert_true(is_about(histogram_max(times(TALLY_EXCHANGE)), 4));
}

static void handshakes_begin_together_and_last_as_long_as_asked(void **state)
{
	static const struct peer_script even = { .flight_ms = 5 };

	(void)state;
	peers_begin(&even, 1);
	plan.mode = PLAN_HANDSHAKES;
	plan.connections = 70;
	plan.duration_ns = 15 * MS;
	make_run();
	assert_int_equal(peers.open_most, 70);
	assert_int_equal(histogram_total(times(TALLY_EXCHANGE)), 140);
}

static void start_now(void *unused)
{
	(void)unused;
	run.timetable.start_ns = fake.now_ns + 20 * MS;
}

static void no_handshake_begins_before_the_start(void **state)
{
	(void)state;
	plan.mode = PLAN_HANDSHAKES;
	plan.requests = 2;
	prepare(0);
	run.timetable.start_ns = 0;
	fake_at(50, start_now, NULL);
	driver_run(&driver);
	group_free(&driver.group);
	/* Nor does one wait for anything after it. */
	assert_int_equal(
		driver.group.context.score.ended_ns, run.timetable.start_ns);
	assert_int_equal(histogram_total(times(TALLY_EXCHANGE)), 2);
}

static void handshakes_under_way_at_the_end_are_waited_for(void **state)
{
	static const struct peer_script slow = { .flight_ms = 2500 };

	(void)state;
	peers_begin(&slow, 1);
	plan.mode = PLAN_HANDSHAKES;
	plan.timeout_ns = 9ull * S;
	make_run();
	assert_int_equal(histogram_total(times(TALLY_EXCHANGE)), 2);
	assert_int_equal(counted(TALLY_CUT_SHORT), 0);
	/* That time is a part of the run: END is answered after 5 s. */
	assert_in_range(driver.ran_ns / MS, 5000, 5020);
}

static void the_warm_up_of_handshakes_is_not_counted(void **state)
{
	static const struct peer_script even = { .flight_ms = 5 };

	(void)state;
	peers_begin(&even, 1);
	plan.mode = PLAN_HANDSHAKES;
	plan.requests = 20;
	plan.warmup_ns = 100 * MS;
	make_run();
	assert_int_equal(histogram_total(times(TALLY_EXCHANGE)), 20);
	assert_in_range(peers.sessions, 20 + 20, 20 + 42);
}

static void after_a_failure_the_next_try_waits_a_little(void **state)
{
	static const struct peer_script never = { .fault_at = PEER_IN_EXCHANGE,
		.fault = PEER_RESETS };

	(void)state;
	peers_begin(&never, 1);
	plan.mode = PLAN_HANDSHAKES;
	plan.connections = 1;
	make_run();
	/* Ten a second, and not as fast as it can. */
	assert_in_range(counted(TALLY_RESET), 9, 11);
	assert_int_equal(histogram_total(times(TALLY_EXCHANGE)), 0);
}

static void a_handshake_counts_only_once_the_server_has_closed(void **state)
{
	static const struct peer_script stays = { .flight_ms = 1,
		.stays = true };

	(void)state;
	peers_begin(&stays, 1);
	plan.mode = PLAN_HANDSHAKES;
	plan.requests = 2;
	make_run();
	assert_int_equal(histogram_total(times(TALLY_EXCHANGE)), 0);
	assert_int_equal(counted(TALLY_CONNECTED), 0);
	assert_int_equal(counted(TALLY_REPLY_LATE), 2);
}

static void handshakes_that_fail_are_counted_by_reason(void **state)
{
	static const struct {
		enum peer_fault fault;
		enum tally_count reason;
	} rows[] = {
		{ PEER_SILENT, TALLY_EXCHANGE_LATE },
		{ PEER_CUTS, TALLY_EXCHANGE_LATE },
		{ PEER_CLOSES, TALLY_CLOSED },
		{ PEER_RESETS, TALLY_RESET },
		{ PEER_SENDS_MORE, TALLY_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct peer_script scripts[] = { quick,
			{ .fault_at = PEER_IN_EXCHANGE,
				.fault = rows[i].fault } };

		set_up(NULL);
		peers_begin(scripts, 2);
		plan.mode = PLAN_HANDSHAKES;
		plan.requests = 6;
		make_run();
		assert_in_range(counted(rows[i].reason), 1, 5);
		assert_int_equal(failed(), counted(rows[i].reason));
		assert_int_equal(
			failed() + histogram_total(times(TALLY_EXCHANGE)), 6);
		assert_int_equal(counted(TALLY_MISSING), 0);
		tear_down(NULL);
	}
	set_up(NULL);
}

/* --- peers that fail --- */

static void each_fault_is_counted_and_the_rest_goes_on(void **state)
{
	static const struct {
		int at;
		enum peer_fault fault;
		enum tally_count reason;
		bool is_counted_missing;
	} rows[] = {
		{ 1, PEER_SILENT, TALLY_REPLY_LATE, true },
		{ 2, PEER_SILENT, TALLY_REPLY_LATE, true },
		{ 1, PEER_CUTS, TALLY_REPLY_LATE, true },
		{ 1, PEER_CUTS_CLOSES, TALLY_CLOSED, true },
		{ 1, PEER_CLOSES, TALLY_CLOSED, true },
		{ 2, PEER_CLOSES, TALLY_CLOSED, true },
		{ 1, PEER_RESETS, TALLY_RESET, true },
		{ 1, PEER_SENDS_GARBAGE, TALLY_BROKEN, true },
		{ 2, PEER_SENDS_MORE, TALLY_BROKEN, false },
		{ PEER_IN_EXCHANGE, PEER_SILENT, TALLY_EXCHANGE_LATE, false },
		{ PEER_IN_EXCHANGE, PEER_CUTS, TALLY_EXCHANGE_LATE, false },
		{ PEER_IN_EXCHANGE, PEER_CLOSES, TALLY_CLOSED, false },
		{ PEER_IN_EXCHANGE, PEER_RESETS, TALLY_RESET, false },
		{ PEER_IN_EXCHANGE, PEER_SENDS_MORE, TALLY_BROKEN, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct peer_script scripts[] = { quick,
			{ .reply_ms = 10,
				.fault_at = rows[i].at,
				.fault = rows[i].fault } };

		set_up(NULL);
		peers_begin(scripts, 2);
		plan.requests = 300;
		make_run();
		assert_int_equal(counted(rows[i].reason), 1);
		assert_int_equal(failed(), 1);
		assert_int_equal(
			counted(TALLY_MISSING), rows[i].is_counted_missing);
		assert_int_equal(completed() + counted(TALLY_MISSING), 300);
		assert_int_equal(driver.group.alive, 1);
		tear_down(NULL);
	}
	set_up(NULL);
}

static void nobody_is_waited_for_longer_than_the_timeout(void **state)
{
	static const struct peer_script silent = {
		.fault_at = 5, .fault = PEER_SILENT, .reply_ms = 10
	};
	uint64_t lasted;

	(void)state;
	peers_begin(&silent, 1);
	lasted = make_run();
	assert_int_equal(completed(), 8);
	assert_int_equal(counted(TALLY_REPLY_LATE), 2);
	assert_int_equal(counted(TALLY_MISSING), 2);
	assert_in_range(lasted, 40 + 500, 40 + 500 + 130);
}

static void a_connection_that_does_not_come_about_is_late(void **state)
{
	static const struct peer_script full = { .connect_ms = 100000 };

	(void)state;
	peers_begin(&full, 1);
	plan.requests = 4;
	make_run();
	assert_int_equal(counted(TALLY_CONNECT_LATE), 2);
	assert_int_equal(driver.group.alive, 0);
	assert_int_equal(run.timetable.left, 4);
}

static void a_connection_that_is_refused_ends_the_run_if_it_was_the_last(
	void **state)
{
	static const struct peer_script gone = { .connect_error =
							 -ECONNREFUSED };

	(void)state;
	peers_begin(&gone, 1);
	plan.duration_ns = 3600ull * S;
	assert_in_range(make_run(), 0, 100);
	assert_int_equal(counted(TALLY_REFUSED), 2);
	assert_int_equal(counted(TALLY_CONNECTED), 0);
}

static void what_cannot_even_be_begun_is_counted(void **state)
{
	(void)state;
	fake.start_error = -EADDRNOTAVAIL;
	make_run();
	assert_int_equal(counted(TALLY_NO_PORT), 2);
	assert_int_equal(driver.group.alive, 0);
}

static void an_error_is_a_wrong_reply_and_fails_nothing(void **state)
{
	static const struct peer_script errs = {
		.reply_ms = 10, .fault_at = 3, .fault = PEER_ERRS
	};

	(void)state;
	peers_begin(&errs, 1);
	plan.requests = 50;
	make_run();
	assert_int_equal(counted(TALLY_WRONG), 2);
	assert_int_equal(completed(), 48);
	assert_int_equal(failed(), 0);
}

static void what_was_under_way_is_missing_and_the_rest_never_left(void **state)
{
	static const struct peer_script resets = {
		.reply_ms = 10, .fault_at = 4, .fault = PEER_RESETS
	};

	(void)state;
	peers_begin(&resets, 1);
	plan.depth = 4;
	plan.requests = 100;
	make_run();
	assert_int_equal(completed(), 6);
	assert_int_equal(
		counted(TALLY_MISSING) + 6 + (uint64_t)run.timetable.left, 100);
	assert_in_range(counted(TALLY_MISSING), 2, 8);
}

/* --- a thread that does not run for a while --- */

static void stand_still(void *unused)
{
	(void)unused;
	fake.now_ns += 5ull * S;
}

static void a_pause_is_reported_and_makes_nobody_late(void **state)
{
	(void)state;
	plan.duration_ns = 10ull * S;
	fake_at(20 + 200, stand_still, NULL);
	make_run();
	assert_int_equal(failed(), 0);
	assert_true(is_about(driver.stood_ns, 5000));
	assert_true(histogram_max(times(TALLY_REQUEST)) > 4ull * S);
}

static void after_a_pause_it_looks_again_at_once(void **state)
{
	struct group *g = &driver.group;
	uint64_t resumed_ns;

	(void)state;
	prepare(0);
	group_open(g);
	while (group_is_opening(g))
		group_step(g);
	fake_at(0, stand_still, NULL);
	group_step(g);
	assert_true(g->pause.ended_ns > 0);
	resumed_ns = fake.now_ns;
	group_step(g);
	assert_int_equal(fake.now_ns, resumed_ns);
	group_step(g);
	assert_true(fake.now_ns > resumed_ns);
	group_drop(g);
	group_free(g);
}

static void without_a_pause_none_is_reported(void **state)
{
	(void)state;
	plan.duration_ns = 10ull * S;
	make_run();
	assert_int_equal(driver.stood_ns, 0);
}

static void a_pause_before_the_start_does_not_matter(void **state)
{
	static const struct peer_script slow = { .flight_ms = 10,
		.reply_ms = 10 };

	(void)state;
	peers_begin(&slow, 1);
	fake_at(5, stand_still, NULL);
	make_run();
	assert_int_equal(failed(), 0);
	assert_int_equal(driver.stood_ns, 0);
}

/* --- the end --- */

static void interrupt(void *unused)
{
	(void)unused;
	run.timetable.is_interrupted = true;
}

static void an_interrupted_run_cuts_short_what_is_under_way(void **state)
{
	(void)state;
	plan.duration_ns = 3600ull * S;
	fake_at(20 + 205, interrupt, NULL);
	assert_in_range(make_run(), 205, 220);
	assert_in_range(completed(), 38, 42);
	assert_int_equal(counted(TALLY_CUT_SHORT) + counted(TALLY_MISSING), 0);
	assert_int_equal(peers.requests[COMMAND_END], 2);
}

static void replies_that_do_not_come_are_not_waited_for_long(void **state)
{
	static const struct peer_script slow = { .reply_ms = 3000 };

	(void)state;
	peers_begin(&slow, 1);
	plan.duration_ns = 3600ull * S;
	plan.timeout_ns = 5ull * S;
	fake_at(20 + 100, interrupt, NULL);
	assert_in_range(make_run(), 300, 320);
	assert_int_equal(counted(TALLY_CUT_SHORT), 2);
	assert_int_equal(failed(), 0);
}

static void handshakes_under_way_are_cut_short(void **state)
{
	static const struct peer_script slow = { .flight_ms = 300 };

	(void)state;
	peers_begin(&slow, 1);
	plan.mode = PLAN_HANDSHAKES;
	plan.timeout_ns = 5ull * S;
	fake_at(20 + 100, interrupt, NULL);
	assert_in_range(make_run(), 100, 115);
	assert_int_equal(counted(TALLY_CUT_SHORT), 2);
	assert_int_equal(failed(), 0);
}

static void a_run_can_be_interrupted_while_it_opens_connections(void **state)
{
	static const struct peer_script silent = { .fault_at = PEER_IN_EXCHANGE,
		.fault = PEER_SILENT };

	(void)state;
	peers_begin(&silent, 1);
	plan.mode = PLAN_OPEN;
	plan.rate = 100;
	prepare(0);
	run.timetable.start_ns = 0; /* it never comes */
	fake_at(100, interrupt, NULL);
	driver_run(&driver);
	group_free(&driver.group);
	assert_int_equal(peers.open, 0);
	assert_int_equal(failed() + completed() + counted(TALLY_UNSENT), 0);
}

static void a_server_that_does_not_close_is_waited_for_a_second(void **state)
{
	static const struct peer_script stays = { .reply_ms = 10,
		.stays = true };

	(void)state;
	peers_begin(&stays, 1);
	plan.requests = 10;
	assert_in_range(make_run(), 50 + 1000, 50 + 1000 + 130);
	assert_int_equal(failed(), 0);
	assert_int_equal(completed(), 10);
}

static void what_is_under_way_at_the_end_is_waited_for_and_counted(void **state)
{
	static const struct peer_script slow = { .reply_ms = 400 };
	uint64_t lasted;

	(void)state;
	peers_begin(&slow, 1);
	lasted = make_run();
	assert_int_equal(completed(), 6);
	assert_in_range(lasted, 1200, 1620);
	assert_int_equal(counted(TALLY_MISSING), 0);
}

static void a_loop_that_fails_ends_the_run(void **state)
{
	(void)state;
	prepare(0);
	fake.wait_error = -EBADF;
	driver_run(&driver);
	group_free(&driver.group);
	assert_int_equal(driver.group.error, -EBADF);
	assert_int_equal(peers.open, 0);
	assert_int_equal(run.finished, 1);
}

/* --- secure sessions --- */

static void begin_noise(struct peer_script *script)
{
	plan.exchange = EXCHANGE_NOISE;
	plan.identity = &identities[1];
	memcpy(plan.expected.keys[0].key, identities[0].public,
		NOISE_KEY_BYTES);
	plan.expected.count = 1;
	script->identity = &identities[0];
	peers_begin(script, 1);
}

static void secure_sessions_are_measured_too(void **state)
{
	struct peer_script script = { .flight_ms = 3, .reply_ms = 10 };

	(void)state;
	begin_noise(&script);
	plan.command = PLAN_MIX;
	plan.depth = 4;
	plan.requests = 20 * COMMAND_ASKED;
	make_run();
	assert_int_equal(completed(), plan.requests);
	assert_int_equal(failed(), 0);
	assert_int_equal(peers.requests[COMMAND_TEMP], 20);
	assert_true(is_about(histogram_max(times(TALLY_EXCHANGE)), 3));
}

static void every_exchange_can_be_measured_in_every_mode(void **state)
{
	(void)state;
	for (enum exchange_id e = 0; e < EXCHANGE_COUNT; e++)
		for (enum plan_mode mode = PLAN_CLOSED; mode <= PLAN_HANDSHAKES;
			mode++) {
			struct peer_script script = { .flight_ms = 1,
				.reply_ms = 1 };

			set_up(NULL);
			begin_noise(&script);
			plan.exchange = e;
			plan.mode = mode;
			plan.rate = 1000;
			plan.command = PLAN_MIX;
			plan.requests = 30;
			make_run();
			assert_int_equal(
				histogram_total(times(mode == PLAN_HANDSHAKES
							      ? TALLY_EXCHANGE
							      : TALLY_REQUEST)),
				30);
			assert_int_equal(failed(), 0);
			tear_down(NULL);
		}
	set_up(NULL);
}

static void a_server_with_another_key_is_none_of_the_expected(void **state)
{
	struct peer_script script = { .reply_ms = 10 };

	(void)state;
	begin_noise(&script);
	plan.expected.keys[0].key[0] ^= 1;
	make_run();
	assert_int_equal(counted(TALLY_OTHER_KEY), 2);
	assert_int_equal(completed(), 0);
}

static void secure_sessions_fail_for_the_same_reasons(void **state)
{
	static const struct {
		int at;
		enum peer_fault fault;
		enum tally_count reason;
	} rows[] = {
		{ 1, PEER_SILENT, TALLY_REPLY_LATE },
		{ 2, PEER_CUTS, TALLY_REPLY_LATE },
		{ 2, PEER_CUTS_CLOSES, TALLY_CLOSED },
		{ 1, PEER_RESETS, TALLY_RESET },
		{ 1, PEER_SENDS_GARBAGE, TALLY_BROKEN },
		{ PEER_IN_EXCHANGE, PEER_SILENT, TALLY_EXCHANGE_LATE },
		{ PEER_IN_EXCHANGE, PEER_CLOSES, TALLY_CLOSED },
		{ PEER_IN_EXCHANGE, PEER_SENDS_GARBAGE, TALLY_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct peer_script script = { .reply_ms = 10,
			.fault_at = rows[i].at,
			.fault = rows[i].fault };

		set_up(NULL);
		begin_noise(&script);
		plan.requests = 5;
		make_run();
		assert_int_equal(counted(rows[i].reason), 2);
		assert_int_equal(failed(), 2);
		tear_down(NULL);
	}
	set_up(NULL);
}

static void where_messages_have_borders_no_reply_is_waited_for_before_end(
	void **state)
{
	struct peer_script script = { .reply_ms = 3000 };

	(void)state;
	begin_noise(&script);
	plan.timeout_ns = 5ull * S;
	fake_at(20 + 100, interrupt, NULL);
	assert_in_range(make_run(), 100, 115);
	assert_int_equal(counted(TALLY_CUT_SHORT), 2);
}

static int make_identities(void **state)
{
	(void)state;
	if (crypto_init())
		return -1;
	for (size_t i = 0; i < COUNT_OF(identities); i++) {
		random_bytes(
			identities[i].secret, sizeof(identities[i].secret));
		noise_identity_finish(&identities[i]);
	}
	return 0;
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(each_reply_is_followed_by_a_request),
		RUN(so_many_are_asked_and_no_more),
		RUN(so_many_as_the_depth_leave_in_one_send),
		RUN(a_mix_asks_for_all_in_turn),
		RUN(the_silence_after_a_number_costs_time_but_no_latency),
		RUN(the_warm_up_is_not_counted),
		RUN(connections_are_opened_so_many_at_a_time),
		RUN(they_come_from_the_sources_in_turn),
		RUN(a_schedule_is_kept),
		RUN(a_stall_is_in_every_latency_that_it_has_caused),
		RUN(a_slow_reply_does_not_hold_up_the_schedule),
		RUN(what_is_due_goes_to_whoever_has_been_free_longest),
		RUN(one_that_has_room_keeps_its_place_when_a_reply_comes),
		RUN(one_that_has_failed_is_asked_no_more),
		RUN(what_cannot_leave_in_time_is_counted_as_unsent),
		RUN(a_thread_without_connections_leaves_its_schedule_undone),
		RUN(the_warm_up_of_a_schedule_is_not_missed),
		RUN(a_thread_that_woke_late_sends_what_was_due_before_the_end),
		RUN(a_thread_that_stood_still_in_a_send_does_so_too),
		RUN(handshakes_follow_each_other),
		RUN(handshakes_begin_together_and_last_as_long_as_asked),
		RUN(no_handshake_begins_before_the_start),
		RUN(handshakes_under_way_at_the_end_are_waited_for),
		RUN(the_warm_up_of_handshakes_is_not_counted),
		RUN(after_a_failure_the_next_try_waits_a_little),
		RUN(a_handshake_counts_only_once_the_server_has_closed),
		RUN(handshakes_that_fail_are_counted_by_reason),
		RUN(each_fault_is_counted_and_the_rest_goes_on),
		RUN(nobody_is_waited_for_longer_than_the_timeout),
		RUN(a_connection_that_does_not_come_about_is_late),
		RUN(a_connection_that_is_refused_ends_the_run_if_it_was_the_last),
		RUN(what_cannot_even_be_begun_is_counted),
		RUN(an_error_is_a_wrong_reply_and_fails_nothing),
		RUN(what_was_under_way_is_missing_and_the_rest_never_left),
		RUN(a_pause_is_reported_and_makes_nobody_late),
		RUN(after_a_pause_it_looks_again_at_once),
		RUN(without_a_pause_none_is_reported),
		RUN(a_pause_before_the_start_does_not_matter),
		RUN(an_interrupted_run_cuts_short_what_is_under_way),
		RUN(replies_that_do_not_come_are_not_waited_for_long),
		RUN(handshakes_under_way_are_cut_short),
		RUN(a_run_can_be_interrupted_while_it_opens_connections),
		RUN(a_server_that_does_not_close_is_waited_for_a_second),
		RUN(what_is_under_way_at_the_end_is_waited_for_and_counted),
		RUN(a_loop_that_fails_ends_the_run),
		RUN(secure_sessions_are_measured_too),
		RUN(every_exchange_can_be_measured_in_every_mode),
		RUN(a_server_with_another_key_is_none_of_the_expected),
		RUN(secure_sessions_fail_for_the_same_reasons),
		RUN(where_messages_have_borders_no_reply_is_waited_for_before_end),
	};

	return cmocka_run_group_tests(tests, make_identities, NULL);
}
