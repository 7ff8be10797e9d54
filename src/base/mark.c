// SPDX-License-Identifier: MIT
#include "base/mark.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/complaint.h"

/* clang-format off */
static const struct {
	char letter;
	const char *colour; /* SGR: bold, and the foreground */
} marks[] = {
	[MARK_STATE]  = { '*', "\033[1;34m" },
	[MARK_TALK]   = { '-', "\033[1;36m" },
	[MARK_NOTICE] = { '!', "\033[1;33m" },
	[MARK_ERROR]  = { 'X', "\033[1;31m" },
	[MARK_DONE]   = { '#', "\033[1;32m" },
};
/* clang-format on */

static const char colour_off[] = "\033[0m";
static const char ellipsis[] = "...";

bool mark_wants_colour(enum mark_colours choice, int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (choice != MARK_COLOURS_AUTO)
		return choice == MARK_COLOURS_ALWAYS;
	if (no_color && *no_color)
		return false;
	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

/*
 * Would a terminal act on this byte instead of showing it? C0, DEL, and C1,
 * alone or in UTF-8 (C2 80 to C2 9F).
 */
static bool is_control(unsigned char c, unsigned char before)
{
	return c < 0x20 || c == 0x7f ||
	       (c >= 0x80 && c < 0xa0 && (before < 0x80 || before == 0xc2));
}

/*
 * Appends text to line[len…end], with control characters as \xNN. What does not
 * fit is cut between two characters, and the cut is marked; line has room for
 * that.
 */
static size_t append_escaped(
	char *line, size_t len, size_t end, const char *text)
{
	unsigned char before = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool is_shown = !is_control(c, before);
		char escaped[5];
		int n = snprintf(escaped, sizeof(escaped),
			is_shown ? "%c" : "\\x%02x", c);

		if (len + (size_t)n > end) {
			line[len] = *escaped;
			len = complaint_whole(line, len);
			memcpy(line + len, ellipsis, sizeof(ellipsis) - 1);
			return len + sizeof(ellipsis) - 1;
		}
		memcpy(line + len, escaped, (size_t)n);
		len += (size_t)n;
		before = is_shown ? c : 0;
	}
	return len;
}

size_t mark_format(char line[static MARK_LINE_BYTES], enum mark mark,
	bool colour, const char *format, va_list arguments)
{
	const size_t behind = sizeof(ellipsis) + sizeof(colour_off);
	struct complaint text;
	size_t len;

	complaint_vprint(&text, 0, format, arguments);
	len = (size_t)sprintf(line, "%s[%c] ", colour ? marks[mark].colour : "",
		marks[mark].letter);
	len = append_escaped(line, len, MARK_LINE_BYTES - behind, text.text);
	len += (size_t)sprintf(line + len, "%s\n", colour ? colour_off : "");
	return len;
}

int mark_write(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t written = write(fd, text, n);

		if (!written)
			return -EIO; /* or it would be retried endlessly */
		if (written > 0) {
			text += written;
			n -= (size_t)written;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			/*
			 * Another process made it non-blocking: wait as write()
			 * would.
			 */
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1,
				-1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

int mark_vprint(int fd, enum mark mark, bool colour, const char *format,
	va_list arguments)
{
	char line[MARK_LINE_BYTES];
	size_t len = mark_format(line, mark, colour, format, arguments);

	return mark_write(fd, line, len);
}

int mark_print(int fd, enum mark mark, bool colour, const char *format, ...)
{
	va_list arguments;
	int error;

	va_start(arguments, format);
	error = mark_vprint(fd, mark, colour, format, arguments);
	va_end(arguments);
	return error;
}

int mark_print_lines(int fd, enum mark mark, bool colour, const char *text)
{
	int error = 0;

	while (*text && !error) {
		size_t length = strcspn(text, "\n");

		error = mark_print(fd, mark, colour, "%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
	return error;
}
