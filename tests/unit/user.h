// SPDX-License-Identifier: MIT
/*
 * A user of the client: what is typed is a text, and what the client shows is
 * kept. Takes the place of terminal/console.h, and of what of
 * terminal/terminal.h asks for a terminal. Knows no commands. Used by the tests
 * of the client.
 */
#pragma once

#include "helper.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fakes/fakes.h"
#include "net/loop.h"
#include "terminal/console.h"
#include "terminal/terminal.h"

/* In what is typed: the user waits until nothing happens any more. */
#define WAITS "\1"

enum { USER_BYTES = 32768 };

static const char *typed = "";
static size_t typed_at_once = SIZE_MAX; /* bytes that one read finds */
static int typed_error; /* what reading finds at the end of it: -errno */
static bool has_terminal;

/* What came on either stream in user_run(). */
static char shown[USER_BYTES], complained[USER_BYTES];

int console_wait(int socket, int waker)
{
	int found = 0;

	(void)waker;
	for (;;) {
		if (*typed != *WAITS)
			found |= CONSOLE_INPUT;
		if (socket >= 0 && fake_ready(socket) & LOOP_READ)
			found |= CONSOLE_SOCKET;
		if (found)
			return found;
		if (fake.happened < fake.event_count)
			fake_happen(UINT64_MAX);
		else
			typed++;
	}
}

ssize_t console_read(char *bytes, size_t n)
{
	n = min_size(min_size(n, typed_at_once), strcspn(typed, WAITS));
	if (!n && typed_error)
		return typed_error;
	memcpy(bytes, typed, n);
	typed += n;
	return (ssize_t)n;
}

bool terminal_is(int fd)
{
	(void)fd;
	return has_terminal;
}

static inline int user_divert(int fd, int *saved)
{
	int file = memfd_create("shown", MFD_CLOEXEC);

	fflush(NULL);
	*saved = dup(fd);
	assert_true(file >= 0 && *saved >= 0 && dup2(file, fd) == fd);
	return file;
}

static inline void user_restore(int fd, int saved, int file, char *text)
{
	ssize_t n;

	fflush(NULL);
	n = pread(file, text, USER_BYTES - 1, 0);
	dup2(saved, fd);
	close(saved);
	close(file);
	assert_in_range(n, 0, USER_BYTES - 2);
	text[n] = '\0';
}

/* Runs act(argument) for a user who types this. */
static inline void user_run(
	const char *text, void (*act)(void *argument), void *argument)
{
	int saved[2];
	int out = user_divert(STDOUT_FILENO, &saved[0]);
	int err = user_divert(STDERR_FILENO, &saved[1]);

	typed = text;
	act(argument);
	user_restore(STDOUT_FILENO, saved[0], out, shown);
	user_restore(STDERR_FILENO, saved[1], err, complained);
}

/* How often is it in there? */
static inline unsigned user_count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}
