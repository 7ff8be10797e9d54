// SPDX-License-Identifier: MIT
/*
 * Whose keys a connection is about, without any connection: the files are the
 * test's, and what the server shows is said by calling what the session would.
 */
#include "folder.h"

#include "lib/expected.h"
#include "lib/secure.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct smx *smx;
static uint8_t key_a[NOISE_KEY_BYTES], key_b[NOISE_KEY_BYTES];

static int set_up(void **state)
{
	if (folder_make(state) || key_parse(KEY_A, 44, key_a) ||
		key_parse(KEY_B, 44, key_b))
		return -1;
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("STATE_DIRECTORY");
	setenv("XDG_STATE_HOME", folder, 1);
	smx = smx_new();
	if (!smx)
		return -1;
	smx->remote = (struct address){ .ip = { 192, 0, 2, 1 }, .port = 1337 };
	return smx_set_known_servers(smx, in_folder("known"));
}

static int tear_down(void **state)
{
	smx_free(smx);
	return folder_remove(state);
}

/* A connection to this host begins: what comes of it. */
static int prepare(const char *host)
{
	secure_begin(smx);
	return secure_prepare(smx, host);
}

static bool shows(const uint8_t *key)
{
	return secure_is_expected(&smx->host, &smx->session, key);
}

static void assert_says(const char *what)
{
	assert_non_null(strstr(smx_message(smx), what));
}

static void the_key_in_the_file_is_the_one_expected(void **state)
{
	struct trust_keys keys;

	(void)state;
	put_text("known", "# one\n[host]:1337 " KEY_A "\n", 0600);
	assert_int_equal(prepare("host"), 0);
	assert_true(smx_is_known(smx));
	assert_string_equal(smx_server_key(smx), "");
	assert_false(shows(key_b));
	assert_true(shows(key_a));
	assert_string_equal(smx_server_key(smx), KEY_A);
	expected_keys(smx, &keys);
	assert_int_equal(keys.count, 1);
	assert_memory_equal(keys.keys[0].key, key_a, sizeof(key_a));
	assert_int_equal(secure_remember(smx), 0);
	/* Of the next server nothing has been seen. */
	assert_int_equal(prepare("host"), 0);
	assert_string_equal(smx_server_key(smx), "");
	assert_string_equal(
		get_text(in_folder("known")), "# one\n[host]:1337 " KEY_A "\n");
}

static void a_host_is_one_server_however_it_is_spelled(void **state)
{
	static const char *const spellings[] = { "::1", "[::1]", "0:0::1",
		"[0:0:0:0:0:0:0:1]" };

	(void)state;
	put_text(
		"known", "[::1]:1337 " KEY_A "\n[name]:1337 " KEY_B "\n", 0600);
	for (size_t i = 0; i < COUNT_OF(spellings); i++) {
		assert_int_equal(prepare(spellings[i]), 0);
		assert_true(shows(key_a));
		assert_false(shows(key_b));
	}
	assert_int_equal(prepare("NAME"), 0);
	assert_true(shows(key_b));
	smx->remote.port = 1338;
	assert_int_equal(prepare("name"), 0);
	assert_false(smx_is_known(smx));
}

static void a_new_server_is_a_failure_until_it_is_trusted(void **state)
{
	struct trust_keys keys;

	(void)state;
	assert_int_equal(prepare("host"), 0);
	assert_false(shows(key_a));
	assert_int_equal(secure_refusal(smx), SMX_ERROR_UNKNOWN_SERVER);
	assert_says("[host]:1337");
	assert_says(KEY_A);
	assert_string_equal(smx_alarm(smx), "");
	assert_int_equal(access(in_folder("known"), F_OK), -1);
	assert_int_equal(smx_trust_server(smx), 0);
	assert_string_equal(
		get_text(in_folder("known")), "[host]:1337 " KEY_A "\n");
	expected_keys(smx, &keys);
	assert_int_equal(keys.count, 1);
	assert_memory_equal(keys.keys[0].key, key_a, sizeof(key_a));
	assert_int_equal(prepare("host"), 0);
	assert_true(shows(key_a));
}

static void a_new_server_may_be_trusted_without_asking(void **state)
{
	(void)state;
	smx_set_trust_new(smx, 1);
	assert_int_equal(prepare("host"), 0);
	assert_true(shows(key_b));
	assert_int_equal(secure_remember(smx), 0);
	assert_string_equal(
		get_text(in_folder("known")), "[host]:1337 " KEY_B "\n");
	/* Once it is known, another key is not. */
	assert_int_equal(prepare("host"), 0);
	assert_false(shows(key_a));
}

static void a_changed_key_is_an_alarm_and_never_remembered(void **state)
{
	(void)state;
	put_text("known", "[host]:1337 " KEY_A "\n", 0600);
	smx_set_trust_new(smx, 1);
	assert_int_equal(prepare("host"), 0);
	assert_false(shows(key_b));
	assert_int_equal(secure_refusal(smx), SMX_ERROR_CHANGED_SERVER);
	assert_says(KEY_B);
	assert_says("line 1 of ");
	assert_non_null(strstr(smx_alarm(smx), "Expected:  " KEY_A));
	assert_non_null(strstr(smx_alarm(smx), "Presented: " KEY_B));
	assert_non_null(strstr(smx_alarm(smx), "smx-keygen --forget"));
	assert_int_equal(smx_trust_server(smx), SMX_ERROR_USAGE);
	assert_string_equal(
		get_text(in_folder("known")), "[host]:1337 " KEY_A "\n");
	/* The next connection begins without it. */
	assert_int_equal(prepare("host"), 0);
	assert_string_equal(smx_alarm(smx), "");
}

static void given_keys_take_the_place_of_the_files(void **state)
{
	(void)state;
	put_text("known", "this is not a list", 0600);
	assert_int_equal(smx_add_server_key(smx, KEY_A), 0);
	assert_int_equal(smx_add_server_key(smx, KEY_B), 0);
	assert_int_equal(smx_add_server_key(smx, KEY_A), 0);
	assert_int_equal(prepare("host"), 0);
	assert_int_equal(smx->secure.expected.count, 2);
	assert_true(shows(key_a));
	assert_true(shows(key_b));
	assert_int_equal(smx_set_server_key(smx, KEY_B), 0);
	assert_int_equal(smx_set_server_key(smx, "nonsense"), SMX_ERROR_USAGE);
	assert_int_equal(prepare("host"), 0);
	assert_false(shows(key_a));
	assert_int_equal(secure_refusal(smx), SMX_ERROR_CHANGED_SERVER);
	assert_says("not the key given");
	assert_int_equal(smx_trust_server(smx), SMX_ERROR_USAGE);
	/* Taken back, the files count again. */
	assert_int_equal(smx_set_server_key(smx, NULL), 0);
	assert_int_equal(prepare("host"), SMX_ERROR_IDENTITY);
	assert_says("line 1");
}

static void there_is_room_for_so_many_keys(void **state)
{
	char text[KEY_TEXT_BYTES];

	(void)state;
	for (int i = 0; i < TRUST_KEYS_MAX; i++) {
		key_a[31] = (uint8_t)i;
		assert_int_equal(
			smx_add_server_key(smx, key_format(key_a, text)), 0);
	}
	assert_int_equal(smx_add_server_key(smx, KEY_B), SMX_ERROR_USAGE);
	assert_int_equal(smx_add_server_key(smx, text), 0);
}

static void a_known_server_is_not_met_in_the_plain(void **state)
{
	static const struct address loopback = { .ip = { 127, 0, 0, 1 },
		.port = 1337 };

	(void)state;
	put_text("known", "\n[host]:1337 " KEY_A "\n", 0600);
	for (int guards = 0; guards < 2; guards++) {
		smx_set_plain_guard(smx, guards);
		secure_begin(smx);
		assert_int_equal(secure_guard(smx, "host"),
			guards ? SMX_ERROR_KNOWN_SERVER : 0);
		assert_int_equal(smx_is_known(smx), guards);
	}
	assert_says("line 2");
	secure_begin(smx);
	assert_int_equal(secure_guard(smx, "other"), 0);
	assert_false(smx_is_known(smx));
	/* On this machine nobody is in between. */
	smx->remote = loopback;
	secure_begin(smx);
	assert_int_equal(secure_guard(smx, "host"), 0);
	assert_true(smx_is_known(smx));
}

static void a_broken_file_prevents_no_plain_session(void **state)
{
	(void)state;
	put_text("known", "nonsense\n", 0600);
	smx_set_plain_guard(smx, 1);
	secure_begin(smx);
	assert_int_equal(secure_guard(smx, "host"), 0);
	assert_false(smx_is_known(smx));
	/* What is to be secure ends here, before anything is sent. */
	smx->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	smx->owner = getpid();
	assert_true(smx_is_connected(smx));
	assert_int_equal(prepare("host"), SMX_ERROR_IDENTITY);
	assert_false(smx_is_connected(smx));
}

static void what_cannot_be_remembered_is_not_met(void **state)
{
	(void)state;
	put_text("file", "", 0600);
	assert_int_equal(
		smx_set_known_servers(smx, in_folder("file/known")), 0);
	smx_set_trust_new(smx, 1);
	secure_begin(smx);
	smx->secure.was_shown = false;
	assert_int_equal(smx_trust_server(smx), SMX_ERROR_USAGE);
	assert_true(shows(key_a));
	assert_int_equal(secure_remember(smx), SMX_ERROR_IDENTITY);
	assert_says("file/known");
}

static void a_name_has_its_bounds(void **state)
{
	char name[TRUST_NAME_BYTES + 1];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(prepare(name), SMX_ERROR_USAGE);
	assert_int_equal(smx_set_known_servers(smx, ""), SMX_ERROR_USAGE);
}

static void an_exchange_brings_the_key_that_it_needs(void **state)
{
	char own[SMX_KEY_BYTES];

	(void)state;
	assert_int_equal(smx_set_exchange(smx, "rot13"), SMX_ERROR_USAGE);
	assert_says("Unknown exchange 'rot13'; expected xor|noise");
	assert_int_equal(smx->wanted, EXCHANGE_XOR);
	assert_int_equal(smx_set_exchange(smx, "XOR"), 0);
	assert_string_equal(smx_own_key(smx), "");
	assert_int_equal(smx_set_exchange(smx, "Noise"), 0);
	assert_int_equal(smx->wanted, EXCHANGE_NOISE);
	assert_int_equal(mode_of(in_folder("smx/client.key")), 0600);
	strcpy(own, smx_own_key(smx));
	assert_int_equal(strlen(own), SMX_KEY_BYTES - 1);
	/* What has been given stays. */
	assert_int_equal(smx_set_exchange(smx, NULL), 0);
	assert_int_equal(smx->wanted, EXCHANGE_XOR);
	assert_int_equal(smx_set_secure(smx, in_folder("another")), 0);
	assert_string_not_equal(smx_own_key(smx), own);
	strcpy(own, smx_own_key(smx));
	assert_int_equal(smx_set_exchange(smx, "noise"), 0);
	assert_string_equal(smx_own_key(smx), own);
	/* Without such a key nothing changes. */
	assert_int_equal(smx_set_exchange(smx, "xor"), 0);
	assert_int_equal(smx_set_secure(smx, folder), SMX_ERROR_IDENTITY);
	assert_int_equal(smx_set_secure(smx, ""), SMX_ERROR_USAGE);
	assert_int_equal(smx->wanted, EXCHANGE_XOR);
	assert_string_equal(smx_own_key(smx), own);
}

#define SECURE_TEST(test)                                                      \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE_TEST(the_key_in_the_file_is_the_one_expected),
		SECURE_TEST(a_host_is_one_server_however_it_is_spelled),
		SECURE_TEST(a_new_server_is_a_failure_until_it_is_trusted),
		SECURE_TEST(a_new_server_may_be_trusted_without_asking),
		SECURE_TEST(a_changed_key_is_an_alarm_and_never_remembered),
		SECURE_TEST(given_keys_take_the_place_of_the_files),
		SECURE_TEST(there_is_room_for_so_many_keys),
		SECURE_TEST(a_known_server_is_not_met_in_the_plain),
		SECURE_TEST(a_broken_file_prevents_no_plain_session),
		SECURE_TEST(what_cannot_be_remembered_is_not_met),
		SECURE_TEST(a_name_has_its_bounds),
		SECURE_TEST(an_exchange_brings_the_key_that_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
