// SPDX-License-Identifier: MIT
#include "helper.h"

#include "bench/schedule.h"

enum { S = 1000000000, MS = 1000000 };

static struct plan plan;
static struct timetable timetable;
static struct schedule schedule;

static void begin(struct plan p, uint64_t start_ns)
{
	if (!p.threads)
		p.threads = 1;
	if (!p.duration_ns)
		p.duration_ns = 10ull * S;
	plan = p;
	timetable = (struct timetable){ .plan = &plan };
	timetable.start_ns = start_ns;
	timetable.left = plan.requests;
	schedule_init(&schedule, &timetable, 0);
	assert_int_equal(schedule_is_known(&schedule), start_ns != 0);
}

static bool takes(uint64_t now_ns)
{
	struct departure unused;

	return schedule_take(&schedule, now_ns, &unused);
}

static uint64_t due_at(uint64_t now_ns)
{
	struct departure taken;

	assert_true(schedule_take(&schedule, now_ns, &taken));
	return taken.due_ns;
}

static void nothing_leaves_before_the_start_is_known(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_CLOSED }, 0);
	assert_false(takes(S));
	assert_false(schedule_has_begun(&schedule, S));
	assert_false(schedule_is_over(&schedule, S));
	timetable.start_ns = 2ull * S;
	assert_true(schedule_is_known(&schedule));
	assert_false(takes(S));
	assert_false(takes(2ull * S - 1));
	assert_true(takes(2ull * S));
}

static void a_closed_loop_leaves_at_once_until_the_time_is_up(void **state)
{
	const uint64_t end = 5ull * S + 2ull * S + 3ull * S;

	(void)state;
	begin((struct plan){ .mode = PLAN_CLOSED,
		      .warmup_ns = 2ull * S,
		      .duration_ns = 3ull * S },
		5ull * S);
	assert_int_equal(schedule.counted_ns, 7ull * S);
	for (uint64_t now = 5ull * S; now < end; now += S / 3)
		assert_int_equal(due_at(now), now);
	assert_int_equal(due_at(end - 1), end - 1);
	assert_false(schedule_is_over(&schedule, end - 1));
	assert_true(schedule_is_over(&schedule, end));
	assert_false(takes(end));
}

static void a_departure_that_may_not_be_is_untouched(void **state)
{
	struct departure departure = { 7, COMMAND_TEMP };

	(void)state;
	begin((struct plan){ .mode = PLAN_CLOSED }, 2ull * S);
	assert_false(schedule_take(&schedule, S, &departure));
	assert_int_equal(departure.due_ns, 7);
	assert_int_equal(departure.command, COMMAND_TEMP);
}

static void a_budget_is_spent_to_the_last_and_no_further(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_CLOSED, .requests = 3 }, S);
	for (int i = 0; i < 3; i++) {
		assert_false(schedule_is_over(&schedule, 1000ull * S));
		assert_true(takes(1000ull * S)); /* no time limits it */
	}
	assert_false(takes(S));
	assert_false(takes(S));
	assert_true(schedule_is_over(&schedule, S));
}

static void the_warm_up_costs_nothing_of_the_budget(void **state)
{
	(void)state;
	begin(
		(struct plan){
			.mode = PLAN_CLOSED, .requests = 1, .warmup_ns = S },
		S);
	for (int i = 0; i < 5; i++)
		assert_true(takes(2ull * S - 1));
	assert_int_equal(timetable.left, 1);
	assert_true(takes(2ull * S));
	assert_false(takes(2ull * S));
}

static void threads_share_one_budget(void **state)
{
	struct schedule other;
	struct departure unused;

	(void)state;
	begin((struct plan){ .mode = PLAN_CLOSED, .threads = 2, .requests = 2 },
		S);
	schedule_init(&other, &timetable, 1);
	assert_true(schedule_is_known(&other));
	assert_true(takes(S));
	assert_true(schedule_take(&other, S, &unused));
	assert_false(takes(S));
	assert_false(schedule_take(&other, S, &unused));
}

static void an_open_loop_leaves_when_it_is_due(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 1000 }, S);
	assert_int_equal(due_at(S), S);
	assert_false(takes(S + MS - 1));
	assert_false(schedule_is_due(&schedule, S + MS - 1));
	assert_int_equal(schedule_next_ns(&schedule), S + MS);
	assert_true(schedule_is_due(&schedule, S + MS));
	/* It woke late: what was due leaves, one by one, as of its time. */
	for (uint64_t i = 1; i <= 5; i++)
		assert_int_equal(due_at(S + 5 * MS), S + i * MS);
	assert_false(takes(S + 5 * MS));
}

static void threads_take_the_places_of_one_schedule_in_turn(void **state)
{
	bool taken[30] = { false };
	struct schedule all[3];
	struct departure one;

	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 1000, .threads = 3 },
		S);
	for (long i = 0; i < 3; i++) {
		schedule_init(&all[i], &timetable, i);
		assert_true(schedule_is_known(&all[i]));
		while (schedule_take(&all[i], S + 29 * MS, &one)) {
			uint64_t place = (one.due_ns - S) / MS;

			assert_in_range(place, 0, 29);
			assert_false(taken[place]);
			taken[place] = true;
		}
	}
	for (size_t i = 0; i < COUNT_OF(taken); i++)
		assert_true(taken[i]);
}

static void what_was_due_before_the_end_may_leave_after_it(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 10, .duration_ns = S },
		S);
	assert_true(schedule_is_over(&schedule, 2ull * S));
	for (int i = 0; i < 10; i++) {
		assert_true(schedule_is_due(&schedule, 3ull * S));
		assert_true(due_at(3ull * S) < 2ull * S);
	}
	assert_false(schedule_is_due(&schedule, 3ull * S));
	assert_false(takes(3ull * S));
}

static void nothing_leaves_once_it_is_closed(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 1000 }, S);
	schedule.is_closed = true;
	assert_false(schedule_is_due(&schedule, 2ull * S));
	assert_false(takes(2ull * S));
}

static void nothing_leaves_once_it_is_interrupted(void **state)
{
	(void)state;
	for (enum plan_mode mode = PLAN_CLOSED; mode <= PLAN_HANDSHAKES;
		mode++) {
		begin((struct plan){ .mode = mode, .rate = 1000 }, S);
		timetable.is_interrupted = true;
		assert_true(schedule_is_interrupted(&schedule));
		assert_true(schedule_is_over(&schedule, S));
		assert_false(takes(2ull * S));
		assert_false(mode == PLAN_OPEN &&
			     schedule_is_due(&schedule, 2ull * S));
	}
}

static void a_mix_asks_for_all_in_turn(void **state)
{
	struct departure one;

	(void)state;
	begin((struct plan){ .mode = PLAN_CLOSED, .command = PLAN_MIX }, S);
	for (int i = 0; i < 2 * COMMAND_ASKED; i++) {
		assert_true(schedule_take(&schedule, S, &one));
		assert_int_equal(one.command, i % COMMAND_ASKED);
	}
}

static void what_never_left_is_what_the_schedule_still_held(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 100, .duration_ns = S },
		S);
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 100);
	for (int i = 0; i < 30; i++)
		assert_true(takes(2ull * S));
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 70);
	while (takes(2ull * S))
		;
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 0);
}

static void the_warm_up_is_not_missed(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN,
		      .rate = 100,
		      .warmup_ns = S,
		      .duration_ns = S },
		S);
	for (int i = 0; i < 30; i++)
		assert_true(takes(3ull * S));
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 100);
}

static void of_an_interrupted_run_only_what_was_due_is_missed(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 100 }, S);
	timetable.is_interrupted = true;
	assert_int_equal(schedule_unsent(&schedule, S), 0);
	assert_int_equal(schedule_unsent(&schedule, S + 100ull * MS), 10);
}

static void each_thread_misses_its_own_places_only(void **state)
{
	struct schedule other;

	(void)state;
	begin((struct plan){ .mode = PLAN_OPEN,
		      .rate = 5,
		      .threads = 3,
		      .duration_ns = S },
		S);
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 2); /* 0, 3 */
	schedule_init(&other, &timetable, 2);
	assert_true(schedule_is_known(&other));
	assert_int_equal(schedule_unsent(&other, 9ull * S), 1); /* 2 */
}

static void nothing_is_missed_without_a_schedule_or_by_a_budget(void **state)
{
	(void)state;
	begin((struct plan){ .mode = PLAN_CLOSED }, S);
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 0);
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 10, .requests = 50 },
		S);
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 0);
	begin((struct plan){ .mode = PLAN_OPEN, .rate = 10 }, 0);
	assert_int_equal(schedule_unsent(&schedule, 9ull * S), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leaves_before_the_start_is_known),
		cmocka_unit_test(
			a_closed_loop_leaves_at_once_until_the_time_is_up),
		cmocka_unit_test(a_departure_that_may_not_be_is_untouched),
		cmocka_unit_test(a_budget_is_spent_to_the_last_and_no_further),
		cmocka_unit_test(the_warm_up_costs_nothing_of_the_budget),
		cmocka_unit_test(threads_share_one_budget),
		cmocka_unit_test(an_open_loop_leaves_when_it_is_due),
		cmocka_unit_test(
			threads_take_the_places_of_one_schedule_in_turn),
		cmocka_unit_test(
			what_was_due_before_the_end_may_leave_after_it),
		cmocka_unit_test(nothing_leaves_once_it_is_closed),
		cmocka_unit_test(nothing_leaves_once_it_is_interrupted),
		cmocka_unit_test(a_mix_asks_for_all_in_turn),
		cmocka_unit_test(
			what_never_left_is_what_the_schedule_still_held),
		cmocka_unit_test(the_warm_up_is_not_missed),
		cmocka_unit_test(
			of_an_interrupted_run_only_what_was_due_is_missed),
		cmocka_unit_test(each_thread_misses_its_own_places_only),
		cmocka_unit_test(
			nothing_is_missed_without_a_schedule_or_by_a_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
