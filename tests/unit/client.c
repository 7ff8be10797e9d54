// SPDX-License-Identifier: MIT
/*
 * What the client shows of what comes of a request, and which failure counts.
 */
#include "user.h"

#include <fcntl.h>

#include "client/client.h"
#include "fakes/peers.h"

static struct client client;

static int set_up(void **state)
{
	static const struct peer_script plain = { .reply_ms = 7 };

	fake_begin(state);
	client = (struct client){ .smx = smx_new(),
		.show.colours = MARK_COLOURS_NEVER };
	if (!client.smx)
		return -1;
	peers_begin(&plain, 1);
	smx_set_modern(client.smx, 1);
	return smx_connect(client.smx, "name", "1337");
}

static int tear_down(void **state)
{
	smx_free(client.smx);
	peers_end();
	return fake_end(state);
}

static void ask(void *command)
{
	client_ask(&client, *(enum smx_command *)command);
}

static void fail_with(void *error)
{
	client_failed(&client, *(int *)error);
}

static void a_request_is_found_by_its_word_in_any_case(void **state)
{
	char name[CLIENT_WORD_BYTES];

	(void)state;
	assert_int_equal(client_find_command("time"), SMX_TIME);
	assert_int_equal(client_find_command("DaTe"), SMX_DATE);
	assert_int_equal(client_find_command("TEMP"), SMX_TEMP);
	assert_int_equal(client_find_command("temperature"), SMX_TEMP);
	assert_int_equal(client_find_command("END"), -1);
	assert_int_equal(client_find_command(""), -1);
	assert_int_equal(client_find_command("tim"), -1);
	assert_string_equal(client_command_name(SMX_DATE, name), "date");
	assert_null(client_command_name(-1, name));
	assert_null(client_command_name(1000, name));
	/* All there are have both. */
	for (int i = 0; client_command_name(i, name); i++)
		assert_int_equal(client_find_command(name), i);
}

static void a_reply_is_a_value_or_the_originals_lines(void **state)
{
	enum smx_command command = SMX_TIME;

	(void)state;
	user_run("", ask, &command);
	assert_string_equal(shown, "[-] Response from server: 14:08:38.630789\n"
				   "[-] RTT: 7.00 ms\n");
	client.show.form = SHOW_VALUES;
	user_run("", ask, &command);
	assert_string_equal(shown, "14:08:38.630789\n");
	assert_string_equal(complained, "");
	assert_int_equal(client_status(&client), STATUS_SUCCESS);
}

static void the_first_failure_counts_and_each_is_told(void **state)
{
	enum smx_command nothing = (enum smx_command)1000;
	int error = SMX_ERROR_TIMEOUT;

	(void)state;
	user_run("", ask, &nothing);
	assert_int_equal(client_status(&client), STATUS_WRONG_USAGE);
	assert_string_equal(shown, "");
	assert_string_equal(complained, "[X] Unknown command\n");
	user_run("", fail_with, &error);
	assert_int_equal(client_status(&client), STATUS_WRONG_USAGE);
	client.was_declined = true;
	user_run("", fail_with, &error);
	assert_string_equal(
		complained, "[X] The server's key was not accepted\n");
}

/* With what is shown going where there is no room. */
static void ask_in_vain(void *command)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(full >= 0 && dup2(full, STDOUT_FILENO) >= 0);
	close(full);
	ask(command);
	ask(command);
}

static void what_cannot_be_shown_is_told_once_and_counts(void **state)
{
	enum smx_command command = SMX_DATE;
	int error = SMX_ERROR_TIMEOUT;

	(void)state;
	user_run("", ask_in_vain, &command);
	assert_true(client.show.is_mute);
	assert_string_equal(
		complained, "[X] Cannot write: No space left on device\n");
	assert_int_equal(client_status(&client), STATUS_NO_REPLY);
	/* It was the first failure. */
	user_run("", fail_with, &error);
	assert_int_equal(client_status(&client), STATUS_NO_REPLY);
}

#define CLIENT_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_request_is_found_by_its_word_in_any_case),
		CLIENT_TEST(a_reply_is_a_value_or_the_originals_lines),
		CLIENT_TEST(the_first_failure_counts_and_each_is_told),
		CLIENT_TEST(what_cannot_be_shown_is_told_once_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
