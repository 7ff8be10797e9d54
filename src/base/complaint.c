// SPDX-License-Identifier: MIT
#include "base/complaint.h"

#include <stdio.h>
#include <string.h>

static const char ellipsis[] = "...";

size_t complaint_whole(const char *text, size_t n)
{
	size_t start = n;

	/* A character has at most three bytes 10xxxxxx behind its first. */
	while (start && n - start < 3 && (text[start] & 0xc0) == 0x80)
		start--;
	return (text[start] & 0xc0) == 0xc0 ? start : n;
}

void complaint_vprint(
	char *text, size_t size, const char *format, va_list arguments)
{
	int n = vsnprintf(text, size, format, arguments);

	if (n >= 0 && (size_t)n < size)
		return;
	strcpy(text + complaint_whole(text, size - sizeof(ellipsis)), ellipsis);
}

void complaint_print(char *text, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complaint_vprint(text, size, format, arguments);
	va_end(arguments);
}
