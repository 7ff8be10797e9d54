// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>

#include "base/clock.h"
#include "fakes/fakes.h"
#include "server/peer_log.h"

static const struct address peer = { .ip = { 192, 0, 2, 1 }, .port = 7 };

/* As long as an address gets. */
static const struct address far = {
	.ip = { 0x20, 0x01, 0xd, 0xb8, [4] = 0x12, 0x34, 0x12, 0x34, 0x12, 0x34,
		0x12, 0x34, 0x12, 0x34, 0x12, 0x34 },
	.port = 65535,
	.is_ipv6 = true,
};

static const char key[] = "A536d71fIbOoBI5XYpmRZUvJD4ZtcK6QXjTsEuz2Y3k=";

static struct peer_log lines;
static unsigned calls;

static void call(void)
{
	calls++;
}

static int set_up(void **state)
{
	calls = 0;
	fake_begin(state);
	peer_log_open(&lines, NULL, false, call);
	return 0;
}

static void pass_ms(uint64_t ms)
{
	fake.now_ns += ms * 1000000;
}

static void refuse(unsigned times)
{
	while (times--)
		peer_log_refuse(&lines, COUNT_FULL, &peer, NULL);
}

static unsigned logged_refusals(void)
{
	return fake_logged("192.0.2.1:7");
}

static void the_usual_lines_are_those_of_the_original(void **state)
{
	(void)state;
	peer_log_say(&lines, PEER_RECEIVED, &peer, NULL);
	peer_log_say(&lines, PEER_SECURE, &peer, key);
	peer_log_say(&lines, PEER_ENDED, &peer, NULL);
	assert_string_equal(fake.log,
		"[-] Connection received from 192.0.2.1:7\n"
		"[#] Secure session with 192.0.2.1:7: "
		"A536d71fIbOoBI5XYpmRZUvJD4ZtcK6QXjTsEuz2Y3k=\n"
		"[!] Connection ended with 192.0.2.1:7\n");
}

static void a_refusal_is_logged_with_its_address_and_reason(void **state)
{
	(void)state;
	peer_log_refuse(&lines, COUNT_UNLISTED, &peer, "a key");
	peer_log_refuse(&lines, COUNT_FULL, &peer, NULL);
	assert_string_equal(fake.log,
		"[!] Refused 192.0.2.1:7: key not authorized, a key\n"
		"[!] Refused 192.0.2.1:7: too many connections\n");
}

static void a_quiet_one_tells_of_refusals_and_failures_only(void **state)
{
	(void)state;
	peer_log_open(&lines, NULL, true, NULL);
	for (int i = 0; i < 2 * PEER_LOG_LINES; i++) {
		peer_log_say(&lines, PEER_RECEIVED, &peer, NULL);
		peer_log_say(&lines, PEER_SECURE, &peer, key);
		peer_log_say(&lines, PEER_ENDED, &peer, NULL);
	}
	refuse(1);
	peer_log_wait(&lines, -EMFILE);
	peer_log_close(&lines);
	assert_string_equal(fake.log,
		"[!] Refused 192.0.2.1:7: too many connections\n"
		"[X] Cannot accept connections for now: "
		"Too many open files\n");
}

static void there_are_so_many_lines_at_once_and_then_so_many_a_second(
	void **state)
{
	(void)state;
	refuse(10 * PEER_LOG_LINES);
	assert_int_equal(logged_refusals(), PEER_LOG_LINES);
	for (unsigned seconds = 1; seconds <= 5; seconds++) {
		pass_ms(500);
		refuse(1000);
		pass_ms(500);
		refuse(1000);
		assert_int_equal(logged_refusals(),
			PEER_LOG_LINES + PEER_LOG_A_SECOND * seconds);
	}
}

static void after_some_quiet_the_budget_is_as_it_was_and_no_larger(void **state)
{
	(void)state;
	refuse(PEER_LOG_LINES);
	pass_ms(1000ull * PEER_LOG_LINES / PEER_LOG_A_SECOND);
	fake.log_len = 0;
	refuse(2 * PEER_LOG_LINES);
	assert_int_equal(logged_refusals(), PEER_LOG_LINES);
	pass_ms(100000000);
	fake.log_len = 0;
	refuse(2 * PEER_LOG_LINES);
	assert_int_equal(logged_refusals(), PEER_LOG_LINES);
}

static void all_kinds_of_lines_share_it(void **state)
{
	(void)state;
	refuse(PEER_LOG_LINES);
	peer_log_say(&lines, PEER_RECEIVED, &peer, NULL);
	peer_log_say(&lines, PEER_SECURE, &peer, key);
	peer_log_say(&lines, PEER_ENDED, &peer, NULL);
	peer_log_wait(&lines, -EMFILE);
	assert_int_equal(fake_logged("["), PEER_LOG_LINES);
}

static void what_was_left_out_is_counted_by_kind(void **state)
{
	(void)state;
	refuse(PEER_LOG_LINES);
	for (int i = 0; i < 3; i++)
		peer_log_say(&lines, PEER_RECEIVED, &peer, NULL);
	peer_log_say(&lines, PEER_SECURE, &peer, key);
	peer_log_refuse(&lines, COUNT_BROKEN, &peer, NULL);
	peer_log_refuse(&lines, COUNT_UNLISTED, &peer, NULL);
	refuse(12);
	peer_log_wait(&lines, -EMFILE);
	pass_ms(1000);
	assert_int_equal(peer_log_report(&lines), 0);
	assert_int_equal(
		fake_logged("[!] Not logged: 3 received, 1 secure sessions, "
			    "1 cannot accept, 12 too many connections, "
			    "1 protocol error, 1 key not authorized\n"),
		1);
}

static void the_owner_is_called_once_for_each_report(void **state)
{
	uint64_t due_ns;

	(void)state;
	refuse(PEER_LOG_LINES);
	assert_int_equal(calls, 0);
	assert_int_equal(peer_log_report(&lines), 0);
	refuse(5);
	assert_int_equal(calls, 1);
	due_ns = peer_log_report(&lines);
	assert_int_equal(due_ns, clock_ns() + 1000000000);
	pass_ms(999);
	refuse(1);
	assert_int_equal(peer_log_report(&lines), due_ns);
	assert_int_equal(calls, 1);
	assert_int_equal(fake_logged("Not logged"), 0);
	pass_ms(1);
	assert_int_equal(peer_log_report(&lines), 0);
	assert_int_equal(fake_logged("Not logged"), 1);
}

static void reports_are_ten_seconds_apart(void **state)
{
	(void)state;
	for (int ms = 0; ms < 60000; ms += 10) {
		refuse(20);
		peer_log_report(&lines);
		pass_ms(10);
	}
	assert_int_equal(fake_logged("Not logged"), 6);
	assert_int_equal(calls, 7);
	refuse(1000);
	assert_in_range(
		peer_log_report(&lines), clock_ns(), clock_ns() + 10000000000);
}

static unsigned long sum_of_reports(void)
{
	static const char begin[] = "Not logged: ";
	unsigned long sum = 0;

	for (const char *at = fake.log; (at = strstr(at, begin));)
		sum += strtoul(at += sizeof(begin) - 1, NULL, 10);
	return sum;
}

static void nothing_is_lost_between_the_lines_and_the_reports(void **state)
{
	const unsigned times = 3000;
	unsigned reports;

	(void)state;
	for (unsigned i = 0; i < times; i++) {
		refuse(1);
		peer_log_report(&lines);
		pass_ms(dice_below(20));
	}
	peer_log_close(&lines);
	reports = fake_logged("Not logged");
	assert_in_range(reports, 2, times / 100);
	assert_int_equal(logged_refusals() + sum_of_reports(), times);
}

static void the_end_reports_what_is_left_and_nothing_else(void **state)
{
	(void)state;
	refuse(PEER_LOG_LINES);
	peer_log_close(&lines);
	assert_int_equal(fake_logged("Not logged"), 0);
	set_up(state);
	refuse(PEER_LOG_LINES + 1);
	peer_log_close(&lines);
	assert_int_equal(
		fake_logged("Not logged: 1 too many connections\n"), 1);
}

/* The worst that a peer can do in a minute, whatever it does. */
static void a_minute_leaves_no_more_than_64_kib(void **state)
{
	size_t bytes = 0;

	(void)state;
	for (int ms = 0; ms < 60000; ms += 25) {
		for (int i = 0; i < 50; i++) {
			peer_log_say(&lines, PEER_RECEIVED, &far, NULL);
			peer_log_say(&lines, PEER_SECURE, &far, key);
			for (int reason = COUNT_FULL; reason < COUNT_OPENED;
				reason++)
				peer_log_refuse(&lines, (enum counter)reason,
					&far, key);
			peer_log_say(&lines, PEER_ENDED, &far, NULL);
			peer_log_wait(&lines, -EMFILE);
		}
		peer_log_report(&lines);
		bytes += fake.log_len;
		fake.log_len = 0;
		pass_ms(25);
	}
	peer_log_close(&lines);
	bytes += fake.log_len;
	assert_in_range(bytes, 32768, 65536 - 512); /* the server's own lines */
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, fake_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_usual_lines_are_those_of_the_original),
		TEST(a_refusal_is_logged_with_its_address_and_reason),
		TEST(a_quiet_one_tells_of_refusals_and_failures_only),
		TEST(there_are_so_many_lines_at_once_and_then_so_many_a_second),
		TEST(after_some_quiet_the_budget_is_as_it_was_and_no_larger),
		TEST(all_kinds_of_lines_share_it),
		TEST(what_was_left_out_is_counted_by_kind),
		TEST(the_owner_is_called_once_for_each_report),
		TEST(reports_are_ten_seconds_apart),
		TEST(nothing_is_lost_between_the_lines_and_the_reports),
		TEST(the_end_reports_what_is_left_and_nothing_else),
		TEST(a_minute_leaves_no_more_than_64_kib),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
