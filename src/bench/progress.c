// SPDX-License-Identifier: MIT
#include "bench/progress.h"

#include <stdio.h>
#include <string.h>

#include "terminal/terminal.h"

enum { COLUMNS_MAX = 79, COLUMNS_USUAL = 80 };

/*
 * How many columns a line may have: all but the last, after which some
 * terminals begin a new line.
 */
static size_t columns_of(int terminal)
{
	size_t columns = terminal_columns(terminal);

	if (!columns)
		columns = COLUMNS_USUAL;
	return columns > COLUMNS_MAX ? COLUMNS_MAX : columns - 1;
}

void progress_show(int terminal, size_t count, const char *const *parts)
{
	size_t columns = columns_of(terminal), used = 0;
	char line[COLUMNS_MAX + 1] = "";

	for (size_t i = 0; i < count; i++) {
		const char *comma = used ? ", " : "";
		size_t length = strlen(comma) + strlen(parts[i]);

		if (length > columns - used)
			continue;
		snprintf(line + used, sizeof(line) - used, "%s%s", comma,
			parts[i]);
		used += length;
	}
	dprintf(terminal, "\r%-*s\r%s", (int)columns, line, line);
}
