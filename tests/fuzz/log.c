// SPDX-License-Identifier: MIT
/*
 * A line of the log with something of a stranger's in it. Nothing in it is a
 * control character except those that colour it, and it is one line.
 */
#include "base/mark.h"
#include "bytes.h"

static size_t format(char line[static MARK_LINE_BYTES], bool colour,
	const char *words, ...) PRINTF_LIKE(3, 4);

static size_t format(
	char line[static MARK_LINE_BYTES], bool colour, const char *words, ...)
{
	va_list arguments;
	size_t n;

	va_start(arguments, words);
	n = mark_format(line, MARK_NOTICE, colour, words, arguments);
	va_end(arguments);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char on[] = "\033[1;33m", off[] = "\033[0m";
	struct bytes b = { data, size };
	bool colour = bytes_take(&b) & 1;
	char *text = bytes_text(&b, b.left);
	char *line = malloc(MARK_LINE_BYTES);
	const char *at = line, *end;
	unsigned char before = 0;
	size_t n;

	assert(line);
	n = format(line, colour, "Refused %s", text);
	assert(n && n <= MARK_LINE_BYTES && line[n - 1] == '\n');
	end = line + n - 1;
	if (colour) {
		assert(!memcmp(at, on, sizeof(on) - 1));
		at += sizeof(on) - 1;
		end -= sizeof(off) - 1;
		assert(!memcmp(end, off, sizeof(off) - 1));
	}
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;

		assert(c >= 0x20 && c != 0x7f);
		/* C1, alone or in UTF-8 */
		assert(c < 0x80 || c >= 0xa0 ||
			(before >= 0x80 && before != 0xc2));
		before = c;
	}
	free(line);
	free(text);
	return 0;
}
