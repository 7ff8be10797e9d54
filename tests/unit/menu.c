// SPDX-License-Identifier: MIT
#include "user.h"

#include "client/menu.h"
#include "fakes/peers.h"

static const char menu[] = "Choose a command (only the number):\n"
			   "1. get time\n"
			   "2. get date\n"
			   "3. get temperature\n"
			   "4. reset connection\n"
			   "5. exit\n"
			   "6. print menu\n";

static struct client client;

static int set_up(void **state)
{
	fake_begin(state);
	client = (struct client){ .smx = smx_new(),
		.host = "name",
		.port = "1337",
		.show.colours = MARK_COLOURS_NEVER };
	return client.smx ? 0 : -1;
}

static int tear_down(void **state)
{
	smx_free(client.smx);
	peers_end();
	return fake_end(state);
}

static void run(void *unused)
{
	(void)unused;
	menu_run(&client);
	smx_disconnect(client.smx);
}

/* The user types this, and the servers are like that. */
static void use(const char *text, const struct peer_script *scripts, size_t n)
{
	static const struct peer_script plain;

	peers_begin(n ? scripts : &plain, n ? n : 1);
	user_run(text, run, NULL);
}

static unsigned replies(const char *text)
{
	char line[64];

	snprintf(line, sizeof(line), "[-] Response from server: %s\n", text);
	return user_count(shown, line);
}

static void the_menu_is_the_originals(void **state)
{
	(void)state;
	use("6\n5\n", NULL, 0);
	assert_int_equal(user_count(shown, menu), 2);
	assert_int_equal(user_count(shown, "[!] Exiting ...\n"), 1);
	assert_int_equal(client_status(&client), 0);
}

static void a_choice_is_a_number_or_a_word(void **state)
{
	static const struct {
		const char *choices[6], *reply;
	} rows[] = {
		{ { "1", "time", "TIME", " Time \r", "+1", "01" },
			"14:08:38.630789" },
		{ { "2", "date", "DATE", "\tdate", "2 ", "0002" },
			"2026-11-26" },
		{ { "3", "temp", "temperature", "TEMP", "Temperature", "3" },
			"21" },
	};
	char text[256] = "";
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t j = 0; j < 6; j++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
				"%s\n", rows[i].choices[j]);
	use(text, NULL, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(replies(rows[i].reply), 6);
	assert_int_equal(client_status(&client), 0);
}

static void whoever_leaves_says_END(void **state)
{
	static const char *const texts[] = { "5\n", "exit\n", "QUIT\n", "q\n",
		"", "5" };

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (i) {
			tear_down(state);
			set_up(state);
		}
		use(texts[i], NULL, 0);
		assert_int_equal(user_count(shown, "[!] Exiting ...\n"), 1);
		assert_int_equal(peers.requests[COMMAND_END], 1);
	}
}

static void a_menu_that_cannot_be_read_is_a_failure(void **state)
{
	(void)state;
	typed_error = -EIO;
	use("1\nTIM", NULL, 0);
	typed_error = 0;
	assert_int_equal(replies("14:08:38.630789"), 1);
	assert_int_equal(
		user_count(complained, "[X] Cannot read standard input: "), 1);
	assert_int_equal(client_status(&client), STATUS_NO_REPLY);
	assert_int_equal(peers.requests[COMMAND_END], 1);
}

static void a_number_that_is_no_entry_is_invalid(void **state)
{
	(void)state;
	use("0\n7\n-1\n99\n4294967297\n99999999999999999999999\n", NULL, 0);
	assert_int_equal(
		user_count(shown, "[!] Invalid option! try again.\n"), 6);
	assert_int_equal(peers.sessions, 1);
}

static void other_words_are_not_valid(void **state)
{
	(void)state;
	use("\nx\n1 2\ntimes\n1.\n+\nEND\n", NULL, 0);
	assert_int_equal(
		user_count(shown, "[!] Option not valid! try again.\n"), 7);
	assert_int_equal(peers.requests[COMMAND_TIME], 0);
}

static void a_reset_connects_again(void **state)
{
	(void)state;
	use("4\n1\nreset\n", NULL, 0);
	assert_int_equal(peers.sessions, 3);
	assert_int_equal(peers.requests[COMMAND_END], 3);
	assert_int_equal(
		user_count(shown, "Connection established with "
				  "192.0.2.1:1337 from 192.0.2.2:40001. "
				  "Sum: 41338\n"),
		1);
	assert_int_equal(user_count(complained, "Anyone on the path"), 1);
}

static void end(void *unused)
{
	(void)unused;
	fake_of(FAKE_FD)->has_end = true;
}

static void a_server_that_goes_while_nothing_is_asked_is_no_failure(
	void **state)
{
	(void)state;
	fake_at(1000, end, NULL);
	use("1\n" WAITS "4\n1\n", NULL, 0);
	assert_int_equal(user_count(complained, "[X] "), 1);
	assert_int_equal(replies("14:08:38.630789"), 2);
	assert_int_equal(client_status(&client), 0);
}

static void talk(void *unused)
{
	(void)unused;
	fake_send(FAKE_FD, "without being asked", 19);
}

static void a_server_that_talks_while_nothing_is_asked_is_a_failure(
	void **state)
{
	(void)state;
	fake_at(1000, talk, NULL);
	use("1\n" WAITS "2\n4\n", NULL, 0);
	assert_int_equal(user_count(complained, "[X] "), 2);
	assert_int_equal(client_status(&client), STATUS_BAD_PEER);
}

static void asking_without_a_connection_is_one(void **state)
{
	(void)state;
	fake_at(1000, end, NULL);
	use(WAITS "1\n2\n4\n1\n", NULL, 0);
	assert_int_equal(
		user_count(complained, "[X] Not connected; 4 reconnects\n"), 2);
	assert_int_equal(replies("14:08:38.630789"), 1);
	assert_int_equal(client_status(&client), STATUS_NO_REPLY);
}

static void the_first_failure_is_the_status(void **state)
{
	static const struct peer_script scripts[] = {
		{ .fault_at = 1 },
		{ .fault_at = 1, .fault = PEER_CLOSES },
	};

	(void)state;
	use("1\n4\n1\n", scripts, 2);
	assert_int_equal(user_count(complained, "[X] "), 2);
	assert_int_equal(client_status(&client), STATUS_TIMED_OUT);
}

static void without_a_connection_at_first_there_is_no_menu(void **state)
{
	static const struct peer_script refuses = { .connect_error =
							    -ECONNREFUSED };

	(void)state;
	use("1\n", &refuses, 1);
	assert_string_equal(shown, "");
	assert_int_equal(client_status(&client), STATUS_NO_CONNECTION);
}

#define MENU_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MENU_TEST(the_menu_is_the_originals),
		MENU_TEST(a_choice_is_a_number_or_a_word),
		MENU_TEST(whoever_leaves_says_END),
		MENU_TEST(a_menu_that_cannot_be_read_is_a_failure),
		MENU_TEST(a_number_that_is_no_entry_is_invalid),
		MENU_TEST(other_words_are_not_valid),
		MENU_TEST(a_reset_connects_again),
		MENU_TEST(
			a_server_that_goes_while_nothing_is_asked_is_no_failure),
		MENU_TEST(
			a_server_that_talks_while_nothing_is_asked_is_a_failure),
		MENU_TEST(asking_without_a_connection_is_one),
		MENU_TEST(the_first_failure_is_the_status),
		MENU_TEST(without_a_connection_at_first_there_is_no_menu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
