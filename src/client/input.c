// SPDX-License-Identifier: MIT
#include "client/input.h"

#include <errno.h>
#include <string.h>

#include "terminal/console.h"

/* Whatever happens to the bystander, only the input ends the wait. */
static int wait_for_input(const struct bystander *b)
{
	int ready = 0;

	while (!(ready & CONSOLE_INPUT)) {
		ready = console_wait(b->fd ? b->fd(b->context) : -1,
			b->waker ? b->waker->fd : -1);
		if (ready < 0)
			return ready;
		if (b->woken && ready & CONSOLE_WOKEN)
			b->woken(b->context);
		if (b->ready && ready & CONSOLE_SOCKET)
			b->ready(b->context);
	}
	return 0;
}

ssize_t input_read(const struct bystander *bystander, char *bytes, size_t size)
{
	static const struct bystander nobody = { 0 };
	ssize_t n;

	do {
		n = wait_for_input(bystander ? bystander : &nobody);
		if (!n)
			n = console_read(bytes, size);
	} while (n == -EAGAIN);
	return n;
}

/* Removes n bytes from the front; the line's end may follow them. */
static void drop(struct input_lines *l, size_t n)
{
	l->length -= n;
	memmove(l->bytes, l->bytes + n, l->length);
}

/* Copies n bytes and terminates them. */
static void copy(char *line, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		line[i] = (char)(bytes[i] ? bytes[i] : INPUT_STRAY);
	line[n] = '\0';
}

/*
 * The line in the buffer, if it is complete. If a line is longer than the
 * buffer, its first part is returned and the rest is skipped: it remains one
 * line, and no command is that long.
 */
static const char *next_line(struct input_lines *l)
{
	bool was_skipping;

	do {
		const char *end = memchr(l->bytes, '\n', l->length);
		size_t n = end ? (size_t)(end - l->bytes) : l->length;

		if (!end && l->length < sizeof(l->bytes))
			return NULL;
		was_skipping = l->is_skipping;
		copy(l->line, l->bytes, n);
		drop(l, end ? n + 1 : n);
		l->is_skipping = !end;
	} while (was_skipping);
	return l->line;
}

int input_line(struct input_lines *l, const struct bystander *bystander,
	const char **line)
{
	for (;;) {
		const char *next = next_line(l);
		ssize_t n;

		if (next) {
			*line = next;
			return 1;
		}
		n = input_read(bystander, l->bytes + l->length,
			sizeof(l->bytes) - l->length);
		if (n > 0) {
			l->length += (size_t)n;
			continue;
		}
		if (n < 0 || !l->length || l->is_skipping)
			return (int)n;
		l->bytes[l->length++] = '\n'; /* the last line had no end */
	}
}
