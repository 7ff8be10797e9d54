// SPDX-License-Identifier: MIT
#include "helper.h"

#include "fakes/fakes.h"
#include "server/refusals.h"

static const struct address peer = { .ip = { 192, 0, 2, 1 }, .port = 7 };
static struct refusals refusals;

static int set_up(void **state)
{
	refusals = (struct refusals){ 0 };
	return fake_begin(state);
}

static void refuse(uint64_t now_ms, unsigned times)
{
	while (times--)
		refusals_say(&refusals, NULL, now_ms, COUNT_FULL, &peer, NULL);
}

static void a_refusal_is_logged_with_its_address_and_reason(void **state)
{
	(void)state;
	refusals_say(&refusals, NULL, 5000, COUNT_UNLISTED, &peer, "a key");
	assert_int_equal(fake_logged("192.0.2.1:7"), 1);
	assert_int_equal(fake_logged(counter_name(COUNT_UNLISTED)), 1);
	assert_int_equal(fake_logged(", a key\n"), 1);
	refusals_say(&refusals, NULL, 5000, COUNT_FULL, &peer, NULL);
	assert_int_equal(fake_logged(counter_name(COUNT_FULL)), 1);
	assert_int_equal(fake_logged(", \n"), 0);
}

static void only_ten_are_logged_in_a_second(void **state)
{
	(void)state;
	refuse(5000, REFUSALS_A_SECOND);
	assert_int_equal(fake_logged("192.0.2.1:7"), REFUSALS_A_SECOND);
	refuse(5999, 1000);
	assert_int_equal(fake_logged("192.0.2.1:7"), REFUSALS_A_SECOND);
	assert_int_equal(fake_logged("more"), 0);
}

static void the_next_second_says_how_many_were_left_out(void **state)
{
	(void)state;
	refuse(5000, REFUSALS_A_SECOND + 7);
	refuse(6000, REFUSALS_A_SECOND);
	assert_int_equal(fake_logged("Refused 7 more"), 1);
	assert_int_equal(fake_logged("192.0.2.1:7"), 2 * REFUSALS_A_SECOND);
	refuse(9000, 1);
	assert_int_equal(fake_logged("more"), 1);
}

static void a_flush_says_it_once(void **state)
{
	(void)state;
	refusals_flush(&refusals, NULL);
	assert_int_equal(fake.log_len, 0);
	refuse(5000, REFUSALS_A_SECOND + 1);
	refusals_flush(&refusals, NULL);
	refusals_flush(&refusals, NULL);
	assert_int_equal(fake_logged("Refused 1 more"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_refusal_is_logged_with_its_address_and_reason, set_up,
			fake_end),
		cmocka_unit_test_setup_teardown(
			only_ten_are_logged_in_a_second, set_up, fake_end),
		cmocka_unit_test_setup_teardown(
			the_next_second_says_how_many_were_left_out, set_up,
			fake_end),
		cmocka_unit_test_setup_teardown(
			a_flush_says_it_once, set_up, fake_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
