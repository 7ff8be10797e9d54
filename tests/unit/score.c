// SPDX-License-Identifier: MIT
#include "helper.h"

#include "bench/score.h"

static struct score score;

static int empty(void **state)
{
	(void)state;
	memset(&score, 0, sizeof(score));
	return 0;
}

static uint64_t counted(enum tally_count what)
{
	return tally_counted(&score.tally, what);
}

static uint64_t times(enum tally_time which)
{
	return histogram_total(&score.tally.times[which]);
}

static void reply(uint64_t due_ns, uint64_t sent_ns, uint64_t received_ns)
{
	const struct asked asked = { due_ns, sent_ns };

	score_reply(&score, &asked, received_ns, false);
}

static void what_was_due_before_the_count_does_not_count(void **state)
{
	const struct asked early = { 99, 120 };

	(void)state;
	score_begin(&score, 100);
	reply(99, 120, 150);
	score_reply(&score, &early, 150, true);
	score_lost(&score, 99, TALLY_MISSING);
	score_connected(&score, 99, 150);
	assert_int_equal(times(TALLY_REQUEST), 0);
	assert_int_equal(times(TALLY_CONNECT), 0);
	assert_int_equal(counted(TALLY_WRONG), 0);
	assert_int_equal(counted(TALLY_MISSING), 0);
	assert_int_equal(score.ended_ns, 100);
}

static void what_was_due_from_then_on_counts(void **state)
{
	const struct asked first = { 100, 100 };

	(void)state;
	score_begin(&score, 100);
	reply(100, 100, 150);
	score_reply(&score, &first, 160, true);
	score_lost(&score, 100, TALLY_MISSING);
	score_connected(&score, 100, 150);
	assert_int_equal(times(TALLY_REQUEST), 1);
	assert_int_equal(times(TALLY_CONNECT), 1);
	assert_int_equal(counted(TALLY_WRONG), 1);
	assert_int_equal(counted(TALLY_MISSING), 1);
}

static void everything_counts_until_the_count_begins(void **state)
{
	(void)state;
	score_connected(&score, 1, 3);
	score_session(&score, 1, 5, 8);
	assert_int_equal(times(TALLY_CONNECT), 1);
	assert_int_equal(times(TALLY_EXCHANGE), 1);
	assert_int_equal(counted(TALLY_CONNECTED), 1);
}

static void a_request_takes_from_when_it_was_due(void **state)
{
	(void)state;
	score.has_schedule = true;
	reply(100, 130, 150);
	assert_int_equal(histogram_max(&score.tally.times[TALLY_REQUEST]), 50);
	assert_int_equal(
		histogram_max(&score.tally.times[TALLY_UNCORRECTED]), 20);
}

static void without_a_schedule_nothing_is_uncorrected(void **state)
{
	(void)state;
	reply(100, 100, 150);
	assert_int_equal(times(TALLY_REQUEST), 1);
	assert_int_equal(times(TALLY_UNCORRECTED), 0);
}

static void an_error_has_no_latency_and_ends_nothing(void **state)
{
	const struct asked asked = { 100, 100 };

	(void)state;
	score_reply(&score, &asked, 150, true);
	assert_int_equal(times(TALLY_REQUEST), 0);
	assert_int_equal(score.ended_ns, 0);
}

static void the_end_is_the_last_counted_one(void **state)
{
	(void)state;
	score_begin(&score, 100);
	reply(100, 100, 150);
	reply(110, 110, 140);
	assert_int_equal(score.ended_ns, 150);
	score_session(&score, 120, 10, 170);
	assert_int_equal(score.ended_ns, 170);
	score_session(&score, 99, 10, 180);
	assert_int_equal(score.ended_ns, 170);
}

static void sessions_are_all_counted_and_timed_if_they_are_due(void **state)
{
	(void)state;
	score_begin(&score, 100);
	score_session(&score, 99, 10, 120);
	score_session(&score, 100, 20, 130);
	assert_int_equal(counted(TALLY_CONNECTED), 2);
	assert_int_equal(times(TALLY_EXCHANGE), 1);
	assert_int_equal(histogram_max(&score.tally.times[TALLY_EXCHANGE]), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			what_was_due_before_the_count_does_not_count, empty),
		cmocka_unit_test_setup(what_was_due_from_then_on_counts, empty),
		cmocka_unit_test_setup(
			everything_counts_until_the_count_begins, empty),
		cmocka_unit_test_setup(
			a_request_takes_from_when_it_was_due, empty),
		cmocka_unit_test_setup(
			without_a_schedule_nothing_is_uncorrected, empty),
		cmocka_unit_test_setup(
			an_error_has_no_latency_and_ends_nothing, empty),
		cmocka_unit_test_setup(the_end_is_the_last_counted_one, empty),
		cmocka_unit_test_setup(
			sessions_are_all_counted_and_timed_if_they_are_due,
			empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
