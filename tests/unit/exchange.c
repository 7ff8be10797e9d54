// SPDX-License-Identifier: MIT
#include "helper.h"

#include "proto/exchange.h"

static const uint8_t *bytes_of(const char *text)
{
	return (const uint8_t *)text;
}

static void a_magic_is_told_from_the_exchange_without_one(void **state)
{
	(void)state;
	for (size_t n = 0; n < MAGIC_BYTES; n++)
		assert_int_equal(exchange_find(bytes_of("SMX1-XX\n"), n),
			EXCHANGE_COUNT);
	assert_int_equal(
		exchange_find(bytes_of("SMX1-XX\n..."), 8), EXCHANGE_NOISE);
	assert_int_equal(
		exchange_find(bytes_of("SMX1-XX\n..."), 11), EXCHANGE_NOISE);
	assert_int_equal(exchange_find(bytes_of("SMX1-XX."), 8), EXCHANGE_XOR);
	assert_int_equal(exchange_find(bytes_of("."), 1), EXCHANGE_XOR);
}

static void each_has_a_name_of_its_own_in_any_case(void **state)
{
	(void)state;
	for (enum exchange_id i = 0; i < EXCHANGE_COUNT; i++)
		assert_int_equal(exchange_named(exchanges[i]->name), i);
	assert_int_equal(exchange_named("Noise"), EXCHANGE_NOISE);
	assert_int_equal(exchange_named(""), EXCHANGE_COUNT);
	assert_int_equal(exchange_named("noise "), EXCHANGE_COUNT);
}

static void no_magic_begins_another(void **state)
{
	unsigned without = 0;

	(void)state;
	for (enum exchange_id i = 0; i < EXCHANGE_COUNT; i++) {
		const char *magic = exchanges[i]->magic;

		without += !*magic;
		for (enum exchange_id j = 0; *magic && j < EXCHANGE_COUNT; j++)
			assert_true(
				i == j || strncmp(magic, exchanges[j]->magic,
						  strlen(magic)));
	}
	assert_true(without <= 1);
}

static void rows_are_whole_and_agree_with_their_patterns(void **state)
{
	(void)state;
	for (enum exchange_id i = 0; i < EXCHANGE_COUNT; i++) {
		const struct exchange *e = exchanges[i];

		assert_in_range(e->flights, 1, FLIGHTS_MAX);
		assert_in_range(strlen(e->magic), 0, MAGIC_BYTES);
		assert_true(e->start && e->write && e->read && e->finish);
		assert_true(e->serve && e->open_reply && e->seal);
		assert_int_equal(e->needs_identity, e->peer != NULL);
		assert_int_equal(
			!e->patience[ROLE_CLIENT], !e->patience[ROLE_SERVER]);
		for (int f = 0; f < e->flights; f++) {
			assert_true(e->flight_bytes[f]);
			assert_in_range(exchange_flight_bytes(e, f), 1,
				FLIGHT_BYTES_MAX);
		}
		if (!e->pattern)
			continue;
		assert_int_equal(e->flights, e->pattern->messages);
		for (int f = 0; f < e->flights; f++)
			assert_int_equal(e->flight_bytes[f],
				noise_overhead(e->pattern, f));
	}
}

static void the_first_flight_follows_the_magic(void **state)
{
	(void)state;
	assert_int_equal(exchange_flight_bytes(&exchange_xor, 0), 128);
	assert_int_equal(exchange_flight_bytes(&exchange_noise, 0), 40);
	assert_int_equal(exchange_flight_bytes(&exchange_noise, 1), 96);
	assert_int_equal(exchange_flight_bytes(&exchange_noise, 2), 64);
}

static void only_what_needs_no_silence_keeps_borders(void **state)
{
	(void)state;
	assert_false(exchange_keeps_borders(&exchange_xor));
	assert_true(exchange_keeps_borders(&exchange_noise));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_magic_is_told_from_the_exchange_without_one),
		cmocka_unit_test(each_has_a_name_of_its_own_in_any_case),
		cmocka_unit_test(no_magic_begins_another),
		cmocka_unit_test(rows_are_whole_and_agree_with_their_patterns),
		cmocka_unit_test(the_first_flight_follows_the_magic),
		cmocka_unit_test(only_what_needs_no_silence_keeps_borders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
