// SPDX-License-Identifier: MIT
/* Whether a server that is new is trusted, as a user is asked about it. */
#include "folder.h"
#include "user.h"

#include "client/contact.h"
#include "crypto/key.h"
#include "fakes/peers.h"

enum { QUESTIONS = 5 };

#define OTHER_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct client client;
static struct noise_identity identity;
static struct peer_script script;
static char key[KEY_TEXT_BYTES];
static bool is_connected;

static int begin(bool is_secure)
{
	client = (struct client){ .smx = smx_new(),
		.host = "name",
		.port = "1337",
		.access = { .exchange =
				    is_secure ? EXCHANGE_NOISE : EXCHANGE_XOR },
		.show.colours = MARK_COLOURS_NEVER };
	if (!client.smx ||
		smx_set_known_servers(client.smx, in_folder("known")))
		return -1;
	return is_secure ? smx_set_secure(client.smx, in_folder("own")) : 0;
}

static int set_up(void **state)
{
	fake_begin(state);
	if (folder_make(state))
		return -1;
	random_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	key_format(identity.public, key);
	script = (struct peer_script){ .identity = &identity };
	has_terminal = true;
	return begin(true);
}

static int tear_down(void **state)
{
	smx_free(client.smx);
	peers_end();
	fake_end(state);
	return folder_remove(state);
}

static void make(void *unused)
{
	(void)unused;
	is_connected = contact_open(&client);
}

/* The user, when asked, types this. */
static void meet(const char *format, ...) PRINTF_LIKE(1, 2);
static void meet(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	peers_begin(&script, 1);
	user_run(text, make, NULL);
	assert_int_equal(is_connected, smx_is_connected(client.smx));
}

static unsigned questions(void)
{
	return user_count(complained, "Accept it (yes/no, or paste the key)?");
}

static bool is_known(void)
{
	return !access(in_folder("known"), F_OK);
}

static void a_key_that_is_accepted_is_known_from_then_on(void **state)
{
	(void)state;
	meet("yes\n");
	assert_true(is_connected);
	assert_int_equal(questions(), 1);
	assert_int_equal(user_count(complained, key), 1);
	assert_non_null(strstr(get_text(in_folder("known")), key));
	smx_free(client.smx);
	assert_int_equal(begin(true), 0);
	meet("%s", "");
	assert_true(is_connected);
	assert_int_equal(questions(), 0);
	assert_int_equal(client_status(&client), 0);
}

static void the_key_itself_is_an_answer_too(void **state)
{
	(void)state;
	meet(" what?\nYES!\n%s \r\n", key);
	assert_true(is_connected);
	assert_int_equal(questions(), 3);
	assert_true(is_known());
}

static void anything_else_is_a_refusal(void **state)
{
	static const struct {
		const char *typed;
		unsigned questions;
	} rows[] = {
		{ "no\n", 1 },
		{ "No\nyes\n", 1 },
		{ "", 1 },
		{ "yes", 1 }, /* the end may have cut it */
		{ OTHER_KEY "\nyes\n", 1 },
		{ "y\n\nja\nok\n1\nyes\n", QUESTIONS },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (i) {
			tear_down(state);
			set_up(state);
		}
		meet("%s", rows[i].typed);
		assert_false(is_connected);
		assert_int_equal(questions(), rows[i].questions);
		assert_false(is_known());
		assert_int_equal(client_status(&client), STATUS_REFUSED);
		assert_int_equal(
			user_count(complained, "key was not accepted"), 1);
	}
}

static void a_refusal_explains_no_later_failure(void **state)
{
	(void)state;
	meet("no\n");
	has_terminal = false;
	meet("%s", "");
	assert_false(is_connected);
	assert_int_equal(user_count(complained, "key was not accepted"), 0);
}

static void nobody_is_asked_without_a_terminal(void **state)
{
	(void)state;
	has_terminal = false;
	meet("yes\n");
	assert_false(is_connected);
	assert_int_equal(questions(), 0);
	assert_int_equal(client_status(&client), STATUS_REFUSED);
	assert_int_equal(user_count(complained, "key was not accepted"), 0);
}

/* While the user thinks, no connection is held open. */
static void the_question_is_asked_without_a_connection(void **state)
{
	(void)state;
	meet("no\n");
	assert_int_equal(peers.connections, 1);
	assert_int_equal(peers.open, 0);
	meet("yes\n");
	assert_int_equal(peers.connections, 2);
	assert_int_equal(peers.open_most, 1);
}

static void a_key_that_has_changed_is_never_asked_about(void **state)
{
	(void)state;
	meet("yes\n");
	random_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	meet("yes\n");
	assert_false(is_connected);
	assert_int_equal(questions(), 0);
	assert_int_equal(client_status(&client), STATUS_REFUSED);
	assert_non_null(strstr(get_text(in_folder("known")), key));
}

static void a_plain_session_is_warned_of_once(void **state)
{
	(void)state;
	smx_free(client.smx);
	assert_int_equal(begin(false), 0);
	meet("%s", "");
	assert_true(is_connected);
	assert_int_equal(user_count(complained, "[!] Anyone on the path"), 1);
	meet("%s", "");
	assert_string_equal(complained, "");
}

static void a_newer_key_is_told_of_once(void **state)
{
	static struct noise_identity older;
	char old_key[KEY_TEXT_BYTES];

	(void)state;
	random_bytes(older.secret, sizeof(older.secret));
	noise_identity_finish(&older);
	key_format(older.public, old_key);
	script.older = &older;
	assert_int_equal(smx_set_server_key(client.smx, old_key), 0);
	meet("%s", "");
	assert_true(is_connected);
	assert_int_equal(questions(), 0);
	assert_int_equal(
		user_count(complained, "[!] The server has a new key"), 1);
	assert_int_equal(user_count(complained, "[name]:1337 "), 1);
	assert_int_equal(user_count(complained, key), 1);
	meet("%s", "");
	assert_true(is_connected);
	assert_string_equal(complained, "");
}

#define CONTACT_TEST(test)                                                     \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTACT_TEST(a_key_that_is_accepted_is_known_from_then_on),
		CONTACT_TEST(the_key_itself_is_an_answer_too),
		CONTACT_TEST(anything_else_is_a_refusal),
		CONTACT_TEST(a_refusal_explains_no_later_failure),
		CONTACT_TEST(nobody_is_asked_without_a_terminal),
		CONTACT_TEST(the_question_is_asked_without_a_connection),
		CONTACT_TEST(a_key_that_has_changed_is_never_asked_about),
		CONTACT_TEST(a_plain_session_is_warned_of_once),
		CONTACT_TEST(a_newer_key_is_told_of_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
