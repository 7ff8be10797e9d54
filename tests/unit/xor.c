// SPDX-License-Identifier: MIT
#include "helper.h"

#include "crypto/xor.h"

enum { MOST = 300, GUARD = 8 };

static void a_message_is_what_it_is_by_hand(void **state)
{
	static const uint8_t key[] = { 0x01, 0x02, 0x04 };
	uint8_t out[7];

	(void)state;
	xor_apply(out, (const uint8_t *)"abcdefg", 7, key, 3);
	assert_memory_equal(out, "``gegbf", 7);
}

/* Byte by byte, and nothing beside them; in place, too. */
static void assert_applied(size_t n, size_t key_bytes, size_t shift)
{
	uint8_t key[XOR_KEY_BYTES], in[MOST + GUARD], out[MOST + 2 * GUARD],
		expected[MOST + 2 * GUARD];

	dice_bytes(key, sizeof(key));
	dice_bytes(in, sizeof(in));
	dice_bytes(out, sizeof(out));
	memcpy(expected, out, sizeof(out));
	for (size_t i = 0; i < n; i++)
		expected[GUARD + shift + i] =
			in[shift + i] ^ key[i % key_bytes];
	xor_apply(out + GUARD + shift, in + shift, n, key, key_bytes);
	assert_memory_equal(out, expected, sizeof(out));

	xor_apply(in + shift, in + shift, n, key, key_bytes);
	assert_memory_equal(in + shift, expected + GUARD + shift, n);
}

static void every_length_is_right_under_every_key(void **state)
{
	static const size_t key_bytes[] = { 1, 2, 7, 8, 9, 15, 63, 64, 65, 127,
		128 };

	(void)state;
	for (size_t k = 0; k < COUNT_OF(key_bytes); k++)
		for (size_t n = 0; n <= MOST - GUARD; n++)
			assert_applied(n, key_bytes[k], n % GUARD);
}

static void what_is_applied_twice_is_undone(void **state)
{
	uint8_t key[XOR_KEY_BYTES], text[1024], copy[1024];

	(void)state;
	dice_bytes(key, sizeof(key));
	dice_bytes(text, sizeof(text));
	memcpy(copy, text, sizeof(text));
	xor_apply(text, text, sizeof(text), key, sizeof(key));
	assert_memory_not_equal(text, copy, sizeof(text));
	xor_apply(text, text, sizeof(text), key, sizeof(key));
	assert_memory_equal(text, copy, sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_what_it_is_by_hand),
		cmocka_unit_test(every_length_is_right_under_every_key),
		cmocka_unit_test(what_is_applied_twice_is_undone),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
