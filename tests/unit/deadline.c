// SPDX-License-Identifier: MIT
#include "helper.h"

#include <limits.h>

#include "server/deadline.h"

static const unsigned spans_ms[DEADLINE_KINDS] = {
	[DEADLINE_HANDSHAKE] = 5000,
	[DEADLINE_IDLE] = 0, /* never */
	[DEADLINE_REST] = 1000,
	[DEADLINE_STALLED] = UINT_MAX,
	[DEADLINE_DRAIN] = 1,
};

/* A million years. */
static const uint64_t AGES_MS = 1000000ull * 366 * 86400 * 1000;

static void nothing_is_due_when_nothing_is_set(void **state)
{
	struct deadlines all;

	(void)state;
	deadlines_init(&all, spans_ms);
	for (enum deadline_kind k = 0; k < DEADLINE_KINDS; k++) {
		assert_null(deadlines_due(&all, k, UINT64_MAX - 1));
		assert_null(deadlines_first(&all, k));
	}
	assert_true(all.next_ms == UINT64_MAX);
	deadlines_look_ahead(&all);
	assert_true(all.next_ms == UINT64_MAX);
}

static void a_deadline_is_due_after_its_span_and_not_before(void **state)
{
	struct deadline d = { 0 };
	struct deadlines all;

	(void)state;
	deadlines_init(&all, spans_ms);
	deadline_set(&all, &d, DEADLINE_REST, 50);
	assert_int_equal(all.next_ms, 1050);
	assert_null(deadlines_due(&all, DEADLINE_REST, 1049));
	assert_ptr_equal(deadlines_due(&all, DEADLINE_REST, 1050), &d);
	assert_ptr_equal(deadlines_due(&all, DEADLINE_REST, 9999), &d);
	assert_null(deadlines_due(&all, DEADLINE_HANDSHAKE, 9999));
	deadline_clear(&d);
	deadline_clear(&d);
	assert_null(deadlines_due(&all, DEADLINE_REST, 9999));
	deadlines_look_ahead(&all);
	assert_true(all.next_ms == UINT64_MAX);
}

static void a_span_of_zero_is_never_due(void **state)
{
	struct deadline d = { 0 };
	struct deadlines all;

	(void)state;
	deadlines_init(&all, spans_ms);
	deadline_set(&all, &d, DEADLINE_IDLE, 50);
	assert_null(deadlines_due(&all, DEADLINE_IDLE, AGES_MS));
	assert_ptr_equal(deadlines_first(&all, DEADLINE_IDLE), &d);
	assert_true(all.next_ms > AGES_MS);
}

static void a_long_span_is_no_short_one(void **state)
{
	struct deadline d = { 0 };
	struct deadlines all;

	(void)state;
	deadlines_init(&all, spans_ms);
	deadline_set(&all, &d, DEADLINE_STALLED, UINT_MAX);
	assert_true(all.next_ms == 2 * (uint64_t)UINT_MAX);
}

static void setting_again_moves_it_when_time_has_passed(void **state)
{
	struct deadline d = { 0 };
	struct deadlines all;

	(void)state;
	deadlines_init(&all, spans_ms);
	deadline_set(&all, &d, DEADLINE_REST, 50);
	assert_false(deadline_moves(&all, &d, DEADLINE_REST, 50));
	assert_true(deadline_moves(&all, &d, DEADLINE_REST, 51));
	deadline_set(&all, &d, DEADLINE_REST, 51);
	assert_null(deadlines_due(&all, DEADLINE_REST, 1050));
	assert_ptr_equal(deadlines_due(&all, DEADLINE_REST, 1051), &d);
}

static void what_is_set_again_is_set_once(void **state)
{
	struct deadline a = { 0 }, b = { 0 };
	struct deadlines all;

	(void)state;
	deadlines_init(&all, spans_ms);
	deadline_set(&all, &a, DEADLINE_REST, 0);
	deadline_set(&all, &b, DEADLINE_REST, 1);
	deadline_set(&all, &a, DEADLINE_REST, 2);
	assert_ptr_equal(deadlines_first(&all, DEADLINE_REST), &b);
	deadline_set(&all, &b, DEADLINE_HANDSHAKE, 3);
	assert_ptr_equal(deadlines_first(&all, DEADLINE_REST), &a);
	assert_ptr_equal(deadlines_first(&all, DEADLINE_HANDSHAKE), &b);
	deadline_clear(&a);
	assert_null(deadlines_first(&all, DEADLINE_REST));
}

/* The same as a list that is searched from end to end. */
enum { MANY = 40 };

static struct {
	struct deadline d;
	bool is_set;
	enum deadline_kind kind;
	uint64_t due_ms, order; /* order: of setting */
} many[MANY];

/* The one of a kind that was set first after the order-th, or NULL. */
static struct deadline *find(enum deadline_kind kind, uint64_t *order)
{
	size_t first = MANY;

	for (size_t i = 0; i < MANY; i++)
		if (many[i].is_set && many[i].kind == kind &&
			many[i].order > *order &&
			(first == MANY || many[i].order < many[first].order))
			first = i;
	if (first == MANY)
		return NULL;
	*order = many[first].order;
	return &many[first].d;
}

static void assert_as_found(struct deadlines *all, uint64_t now)
{
	uint64_t earliest = UINT64_MAX;

	for (enum deadline_kind k = 0; k < DEADLINE_KINDS; k++) {
		uint64_t order = 0;
		struct deadline *d = deadlines_first(all, k);
		struct deadline *found = find(k, &order);

		assert_ptr_equal(d, found);
		assert_ptr_equal(deadlines_due(all, k, now),
			found && found->due_ms <= now ? found : NULL);
		if (found && found->due_ms < earliest)
			earliest = found->due_ms;
		while (d) {
			d = deadlines_next(all, k, d);
			assert_ptr_equal(d, find(k, &order));
		}
	}
	assert_true(all->next_ms <= earliest);
	if (dice_below(4) == 0) {
		deadlines_look_ahead(all);
		assert_true(all->next_ms == earliest);
	}
}

static void any_order_of_setting_and_clearing_is_kept(void **state)
{
	struct deadlines all;
	uint64_t now = 1;

	(void)state;
	deadlines_init(&all, spans_ms);
	for (uint64_t run = 1; run < 50000; run++) {
		size_t i = dice_below(MANY);
		enum deadline_kind k =
			(enum deadline_kind)dice_below(DEADLINE_KINDS);

		if (dice_below(3)) {
			deadline_set(&all, &many[i].d, k, now);
			many[i].is_set = true;
			many[i].kind = k;
			many[i].order = run;
			many[i].due_ms = now + all.spans_ms[k];
		} else {
			deadline_clear(&many[i].d);
			many[i].is_set = false;
		}
		assert_as_found(&all, now);
		now += dice_below(200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_due_when_nothing_is_set),
		cmocka_unit_test(
			a_deadline_is_due_after_its_span_and_not_before),
		cmocka_unit_test(a_span_of_zero_is_never_due),
		cmocka_unit_test(a_long_span_is_no_short_one),
		cmocka_unit_test(setting_again_moves_it_when_time_has_passed),
		cmocka_unit_test(what_is_set_again_is_set_once),
		cmocka_unit_test(any_order_of_setting_and_clearing_is_kept),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
