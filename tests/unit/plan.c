// SPDX-License-Identifier: MIT
#include "helper.h"

#include "bench/plan.h"

static struct plan plan;

static void each_request_that_has_a_reply_can_be_named(void **state)
{
	char name[PLAN_COMMAND_BYTES], list[PLAN_LIST_BYTES];
	char *rest = list, *word;

	(void)state;
	plan_list_commands(list);
	for (int i = 0; i < COMMAND_ASKED; i++) {
		uint8_t text[PLAN_COMMAND_BYTES];
		size_t n;

		plan_name_command(i, name);
		n = strlen(name);
		memcpy(text, name, n);
		assert_int_equal(command_parse(text, n), i);
		word = strsep(&rest, "|");
		assert_string_equal(word, name);
	}
	plan_name_command(PLAN_MIX, name);
	assert_string_equal(name, "mix");
	assert_string_equal(rest, name);
}

static void one_command_is_asked_for_every_time(void **state)
{
	(void)state;
	plan = (struct plan){ .command = COMMAND_DATE };
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(plan_command(&plan, i), COMMAND_DATE);
}

static void a_mix_is_all_in_turn(void **state)
{
	(void)state;
	plan = (struct plan){ .command = PLAN_MIX };
	for (uint64_t i = 0; i < 3 * COMMAND_ASKED; i++)
		assert_int_equal(plan_command(&plan, i), i % COMMAND_ASKED);
	assert_in_range(plan_command(&plan, UINT64_MAX), 0, COMMAND_ASKED - 1);
}

static void silence_ends_a_number_where_messages_have_no_borders(void **state)
{
	static const struct {
		enum exchange_id exchange;
		int command;
		bool expected;
	} rows[] = {
		{ EXCHANGE_XOR, COMMAND_TIME, false },
		{ EXCHANGE_XOR, COMMAND_DATE, false },
		{ EXCHANGE_XOR, COMMAND_TEMP, true },
		{ EXCHANGE_XOR, PLAN_MIX, true },
		{ EXCHANGE_NOISE, COMMAND_TEMP, false },
		{ EXCHANGE_NOISE, PLAN_MIX, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		plan = (struct plan){ .exchange = rows[i].exchange,
			.command = rows[i].command };
		assert_int_equal(
			plan_waits_for_silence(&plan), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_that_has_a_reply_can_be_named),
		cmocka_unit_test(one_command_is_asked_for_every_time),
		cmocka_unit_test(a_mix_is_all_in_turn),
		cmocka_unit_test(
			silence_ends_a_number_where_messages_have_no_borders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
