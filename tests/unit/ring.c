// SPDX-License-Identifier: MIT
#include "helper.h"

#include "base/ring.h"

/* What is in the list, first to last: taken out, and compared. */
static void drain(
	struct ring *list, const struct ring *links, const char *expected)
{
	struct ring *first;

	for (; (first = ring_first(list)); expected++) {
		assert_int_equal(first - links, *expected - '0');
		ring_remove(first);
		assert_false(ring_is_in(first));
	}
	assert_int_equal(*expected, '\0');
}

static void what_came_first_is_first(void **state)
{
	struct ring list, links[4] = { 0 };

	(void)state;
	ring_init(&list);
	assert_null(ring_first(&list));
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		assert_false(ring_is_in(&links[i]));
		ring_add(&list, &links[i]);
		assert_true(ring_is_in(&links[i]));
	}
	drain(&list, links, "0123");
}

static void any_can_be_taken_out_even_twice(void **state)
{
	(void)state;
	for (size_t out = 0; out < 3; out++) {
		static const char *const left[] = { "12", "02", "01" };
		struct ring list, links[3] = { 0 };

		ring_init(&list);
		for (size_t i = 0; i < COUNT_OF(links); i++)
			ring_add(&list, &links[i]);
		ring_remove(&links[out]);
		ring_remove(&links[out]);
		drain(&list, links, left[out]);
	}
}

static void added_again_it_is_the_last_once(void **state)
{
	struct ring list, links[3] = { 0 };

	(void)state;
	ring_init(&list);
	for (size_t i = 0; i < COUNT_OF(links); i++)
		ring_add(&list, &links[i]);
	ring_add(&list, &links[0]);
	ring_add(&list, &links[0]);
	drain(&list, links, "120");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_first_is_first),
		cmocka_unit_test(any_can_be_taken_out_even_twice),
		cmocka_unit_test(added_again_it_is_the_last_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
