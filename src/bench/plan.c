// SPDX-License-Identifier: MIT
#include "bench/plan.h"

#include <string.h>

#include "base/ascii.h"

void plan_name_command(int command, char name[static PLAN_COMMAND_BYTES])
{
	const char *word = command == PLAN_MIX
				   ? "mix"
				   : command_word((enum command)command);

	do
		*name++ = ascii_lower(*word);
	while (*word++);
}

void plan_list_commands(char list[static PLAN_LIST_BYTES])
{
	for (int i = 0; i < PLAN_COMMANDS; i++) {
		plan_name_command(i, list);
		list += strlen(list);
		*list++ = '|';
	}
	list[-1] = '\0';
}

enum command plan_command(const struct plan *p, uint64_t n)
{
	return (enum command)(
		p->command == PLAN_MIX ? (int)(n % COMMAND_ASKED) : p->command);
}

bool plan_waits_for_silence(const struct plan *p)
{
	if (exchange_keeps_borders(exchanges[p->exchange]))
		return false;
	for (uint64_t i = 0; i < COMMAND_ASKED; i++)
		if (!command_reply_bytes(plan_command(p, i)))
			return true;
	return false;
}
