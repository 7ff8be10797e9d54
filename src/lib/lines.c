// SPDX-License-Identifier: MIT
#include "lib/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool line_next(struct line *line)
{
	const char *text = line->next;
	size_t length;

	if (!line->number &&
		!strncmp(text, byte_order_mark, strlen(byte_order_mark)))
		text += strlen(byte_order_mark);
	if (!*text)
		return false;
	length = strcspn(text, "\r\n");
	line->next = text + length;
	line->next += *line->next == '\r' && line->next[1] == '\n';
	line->next += *line->next != '\0';
	for (; length && is_blank(*text); length--)
		text++;
	while (length && is_blank(text[length - 1]))
		length--;
	line->text = text;
	line->length = length;
	line->number++;
	return true;
}

char *lines_with(const char *text, const char *line)
{
	size_t length = strlen(text);
	size_t size = length + strlen(line) + 3;
	char *more = malloc(size);

	/* The last line may lack a line end. */
	if (more)
		snprintf(more, size, "%s%s%s\n", text,
			length && !strchr("\r\n", text[length - 1]) ? "\n" : "",
			line);
	return more;
}

bool line_is_empty(const struct line *line)
{
	return !line->length || *line->text == '#';
}

const char *line_oddity(const struct line *line)
{
	for (size_t i = 0; i < line->length; i++) {
		char c = line->text[i];

		if (c != '\t' && ascii_is_control(c))
			return " (the line contains a control character)";
		if (c & 0x80)
			return " (the line contains a non-ASCII character, "
			       "such as a no-break space)";
	}
	return "";
}
