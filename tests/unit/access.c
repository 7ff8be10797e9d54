// SPDX-License-Identifier: MIT
#include "folder.h"

#include "lib/access.h"
#include "lib/handle.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void an_exchange_is_xor_or_noise_or_named(void **state)
{
	static const struct {
		struct access given;
		enum exchange_id expected;
	} rows[] = {
		{ { .is_secure = false }, EXCHANGE_XOR },
		{ { .is_secure = true }, EXCHANGE_NOISE },
		{ { .exchange_name = "xor" }, EXCHANGE_XOR },
		{ { .exchange_name = "Noise" }, EXCHANGE_NOISE },
		{ { .exchange_name = "xor", .allows_plain = true },
			EXCHANGE_XOR },
		{ { .is_secure = true, .trusts_new = true }, EXCHANGE_NOISE },
		{ { .exchange_name = "noise", .identity_file = "x" },
			EXCHANGE_NOISE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct access a = rows[i].given;

		assert_int_equal(access_check(&a, complaint), 0);
		assert_int_equal(a.exchange, rows[i].expected);
		assert_int_equal(access_needs_identity(&a),
			rows[i].expected == EXCHANGE_NOISE);
	}
}

static void what_does_not_go_together_is_said(void **state)
{
	static const struct {
		struct access given;
		const char *expected;
	} rows[] = {
		{ { .is_secure = true, .exchange_name = "noise" },
			"--secure and --exchange cannot be combined" },
		{ { .exchange_name = "rot13" },
			"option '--exchange': 'rot13' is not xor|noise" },
		{ { .is_secure = true, .allows_plain = true },
			"--secure and --plain cannot be combined" },
		{ { .exchange_name = "noise", .allows_plain = true },
			"--exchange noise and --plain cannot be combined" },
		{ { .identity_file = "x" }, "require --secure" },
		{ { .trusts_new = true }, "require --secure" },
		{ { .exchange_name = "xor", .server_keys = { 1, { KEY } } },
			"require --secure" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct access a = rows[i].given;

		assert_int_equal(access_check(&a, complaint), OPTIONS_WRONG);
		assert_non_null(strstr(complaint->text, rows[i].expected));
	}
}

static void the_handle_is_told_all_of_it(void **state)
{
	struct access a = {
		.is_secure = true,
		.trusts_new = true,
		.timeout_ms = 1234,
		.identity_file = in_folder("key"),
		.known_servers = in_folder("known"),
		.server_keys = { 1, { KEY } },
	};
	struct smx *smx = smx_new();

	(void)state;
	assert_non_null(smx);
	assert_int_equal(access_check(&a, complaint), 0);
	assert_int_equal(access_apply(&a, smx), 0);
	assert_int_equal(smx->timeout_ms, 1234);
	assert_int_equal(smx->wanted, EXCHANGE_NOISE);
	assert_true(smx->secure.trusts_new);
	assert_true(smx->secure.guards_plain);
	assert_string_equal(smx->secure.known_servers, in_folder("known"));
	assert_int_equal(smx->secure.pinned.count, 1);
	assert_int_equal(access(in_folder("key"), F_OK), 0);
	a = (struct access){ .allows_plain = true };
	assert_int_equal(access_check(&a, complaint), 0);
	assert_int_equal(access_apply(&a, smx), 0);
	assert_int_equal(smx->wanted, EXCHANGE_XOR);
	assert_false(smx->secure.guards_plain);
	/* The first failure is the one that is told. */
	a = (struct access){ .is_secure = true,
		.identity_file = in_folder("key"),
		.server_keys = { 2, { "nonsense", "more" } } };
	assert_int_equal(access_check(&a, complaint), 0);
	assert_int_equal(access_apply(&a, smx), SMX_ERROR_USAGE);
	assert_non_null(strstr(smx_message(smx), "'nonsense'"));
	assert_int_equal(smx->wanted, EXCHANGE_XOR);
	smx_free(smx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_is_xor_or_noise_or_named),
		cmocka_unit_test(what_does_not_go_together_is_said),
		FOLDER_TEST(the_handle_is_told_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
