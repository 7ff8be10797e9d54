// SPDX-License-Identifier: MIT
#include "base/complaint.h"

#include <stdio.h>
#include <string.h>

static const char ellipsis[] = "...";

size_t complaint_whole(const char *text, size_t n)
{
	size_t start = n;

	/* A character has at most three bytes 10xxxxxx after its first. */
	while (start && n - start < 3 && (text[start] & 0xc0) == 0x80)
		start--;
	return (text[start] & 0xc0) == 0xc0 ? start : n;
}

int complaint_vprint(
	struct complaint *c, int error, const char *format, va_list arguments)
{
	int n = vsnprintf(c->text, sizeof(c->text), format, arguments);
	size_t most = sizeof(c->text) - sizeof(ellipsis);

	if (n < 0 || (size_t)n >= sizeof(c->text))
		strcpy(c->text + complaint_whole(c->text, most), ellipsis);
	return error;
}

int complaint_print(struct complaint *c, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complaint_vprint(c, error, format, arguments);
	va_end(arguments);
	return error;
}
