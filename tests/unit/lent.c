// SPDX-License-Identifier: MIT
#include "helper.h"

#include "server/lent.h"

enum { MOST = 2 };

static struct lent lent;
static struct rest *rest, *others[MOST];
static struct unsent *unsent;
static const uint8_t zeros[sizeof(struct unsent)];
static uint8_t bytes[REPLY_BYTES];

static int set_up(void **state)
{
	(void)state;
	lent_init(&lent, MOST);
	rest = others[0] = others[1] = NULL;
	unsent = NULL;
	dice_bytes(bytes, sizeof(bytes));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lent_wipe(&lent);
	return 0;
}

static void a_rest_is_kept_in_place_of_the_one_before(void **state)
{
	static const size_t lengths[] = { SESSION_KEPT_MAX, 1, 100,
		SESSION_KEPT_MAX };
	const struct rest *first;

	(void)state;
	assert_true(lent_keep_rest(&lent, &rest, bytes, 3));
	first = rest;
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		assert_true(
			lent_keep_rest(&lent, &rest, bytes + i, lengths[i]));
		assert_ptr_equal(rest, first);
		assert_int_equal(rest->length, lengths[i]);
		assert_memory_equal(rest->bytes, bytes + i, lengths[i]);
		assert_int_equal(lent.rests.lent, 1);
	}
}

static void nothing_to_keep_is_nothing_borrowed(void **state)
{
	(void)state;
	assert_true(lent_keep_rest(&lent, &rest, bytes, 0));
	assert_null(rest);
	assert_true(lent_keep_rest(&lent, &rest, bytes, 7));
	assert_true(lent_keep_rest(&lent, &rest, bytes, 0));
	assert_null(rest);
	assert_int_equal(lent.rests.lent, 0);
}

static void more_than_a_session_leaves_is_not_kept(void **state)
{
	(void)state;
	assert_false(lent_keep_rest(&lent, &rest, bytes, SESSION_KEPT_MAX + 1));
}

static void no_more_are_lent_than_there_may_be(void **state)
{
	(void)state;
	for (int i = 0; i < MOST; i++)
		assert_true(lent_keep_rest(&lent, &others[i], bytes, 1));
	assert_false(lent_keep_rest(&lent, &rest, bytes, 1));
	assert_null(rest);
	lent_return_rest(&lent, &others[0]);
	assert_true(lent_keep_rest(&lent, &rest, bytes, 1));
}

static void all_replies_to_one_read_are_kept(void **state)
{
	(void)state;
	assert_true(lent_keep_unsent(&lent, &unsent, bytes, sizeof(bytes)));
	assert_int_equal(unsent->length, sizeof(bytes));
	assert_int_equal(unsent->sent, 0);
	assert_memory_equal(unsent->bytes, bytes, sizeof(bytes));
}

static void what_is_returned_is_wiped_and_lent_again(void **state)
{
	const struct unsent *first;

	(void)state;
	assert_true(lent_keep_unsent(&lent, &unsent, bytes, sizeof(bytes)));
	unsent->sent = 100;
	first = unsent;
	lent_return_unsent(&lent, &unsent);
	assert_null(unsent);
	assert_int_equal(lent.unsents.lent, 0);
	assert_true(lent_keep_unsent(&lent, &unsent, bytes, 1));
	assert_ptr_equal(unsent, first);
	assert_int_equal(unsent->sent, 0);
	assert_memory_equal(unsent->bytes + 1, zeros, REPLY_BYTES - 1);
}

static void nothing_can_be_returned_too(void **state)
{
	struct arrival *none = NULL;

	(void)state;
	lent_return_arrival(&lent, &none);
	lent_return_rest(&lent, &rest);
	lent_return_unsent(&lent, &unsent);
	assert_int_equal(lent.arrivals.lent, 0);
	assert_int_equal(lent.rests.lent, 0);
	assert_int_equal(lent.unsents.lent, 0);
}

#define LENT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LENT_TEST(a_rest_is_kept_in_place_of_the_one_before),
		LENT_TEST(nothing_to_keep_is_nothing_borrowed),
		LENT_TEST(more_than_a_session_leaves_is_not_kept),
		LENT_TEST(no_more_are_lent_than_there_may_be),
		LENT_TEST(all_replies_to_one_read_are_kept),
		LENT_TEST(what_is_returned_is_wiped_and_lent_again),
		LENT_TEST(nothing_can_be_returned_too),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
