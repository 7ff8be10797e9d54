// SPDX-License-Identifier: MIT
#include "client/prompt_plain.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* The bystander is told by the way; what counts is the input. */
static int wait_for_input(const struct bystander *bystander)
{
	for (;;) {
		struct pollfd watched[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = bystander->fd(bystander->context),
				.events = POLLIN },
		};

		if (ppoll(watched, 2, NULL, bystander->mask) < 0) {
			if (errno != EINTR)
				return -errno;
			if (bystander->woken)
				bystander->woken(bystander->context);
			continue;
		}
		if (watched[1].revents)
			bystander->ready(bystander->context);
		if (watched[0].revents)
			return 0;
	}
}

ssize_t prompt_input(
	const struct bystander *bystander, char *bytes, size_t size)
{
	ssize_t n;

	do {
		if (wait_for_input(bystander))
			return -1;
		n = read(STDIN_FILENO, bytes, size);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n;
}

/* Takes n bytes off the front; the line's end may follow them. */
static void drop(struct prompt_plain *p, size_t n)
{
	p->length -= n;
	memmove(p->bytes, p->bytes + n, p->length);
}

/* Copies n bytes, and ends them. */
static void copy(char *line, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		line[i] = (char)(bytes[i] ? bytes[i] : PROMPT_STRAY);
	line[n] = '\0';
}

/*
 * The line in the buffer, if it is whole. Of one that is longer than the
 * buffer the first part is returned and the rest is skipped: it is one line
 * still, and no command is as long.
 */
static const char *next_line(struct prompt_plain *p)
{
	char *end = memchr(p->bytes, '\n', p->length);
	bool is_full = p->length == sizeof(p->bytes);
	size_t n = end ? (size_t)(end - p->bytes) : p->length;
	bool was_skipping = p->is_skipping;

	if (!end && !is_full)
		return NULL;
	copy(p->line, p->bytes, n);
	drop(p, end ? n + 1 : n);
	p->is_skipping = !end;
	return was_skipping ? next_line(p) : p->line;
}

const char *prompt_plain_read(
	struct prompt_plain *p, const struct bystander *bystander)
{
	for (;;) {
		const char *line = next_line(p);
		ssize_t n;

		if (line)
			return line;
		n = prompt_input(bystander, p->bytes + p->length,
			sizeof(p->bytes) - p->length);
		if (n > 0) {
			p->length += (size_t)n;
			continue;
		}
		if (!p->length || p->is_skipping)
			return NULL;
		p->bytes[p->length++] = '\n'; /* the last line had no end */
	}
}
