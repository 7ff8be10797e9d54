// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#include "fakes/fakes.h"

void log_line(struct log *log, enum mark mark, const char *format, ...)
{
	va_list arguments;

	(void)log;
	if (fake.log_len + MARK_LINE_BYTES > sizeof(fake.log))
		fake.log_len = 0;
	va_start(arguments, format);
	fake.log_len += mark_format(
		fake.log + fake.log_len, mark, false, format, arguments);
	va_end(arguments);
	fake.log[fake.log_len] = '\0';
}

unsigned fake_logged(const char *text)
{
	unsigned lines = 0;

	for (const char *line = fake.log; (line = strstr(line, text)); lines++)
		line += strcspn(line, "\n");
	return lines;
}
