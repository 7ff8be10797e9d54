// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#include "fakes/fakes.h"

size_t log_line(struct log *log, enum mark mark, const char *format, ...)
{
	va_list arguments;
	size_t n;

	(void)log;
	if (fake.log_len + MARK_LINE_BYTES > sizeof(fake.log))
		fake.log_len = 0;
	va_start(arguments, format);
	n = mark_format(
		fake.log + fake.log_len, mark, false, format, arguments);
	va_end(arguments);
	fake.log_len += n;
	fake.log[fake.log_len] = '\0';
	return n;
}

unsigned fake_logged(const char *text)
{
	unsigned lines = 0;

	for (const char *line = fake.log; (line = strstr(line, text)); lines++)
		line += strcspn(line, "\n");
	return lines;
}
