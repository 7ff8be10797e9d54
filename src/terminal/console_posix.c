// SPDX-License-Identifier: MIT
#include "terminal/console.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int console_wait(int socket, int waker)
{
	struct pollfd watched[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = socket, .events = POLLIN },
		{ .fd = waker, .events = POLLIN },
	};

	while (poll(watched, COUNT_OF(watched), -1) < 0)
		if (errno != EINTR)
			return -errno;
	return (watched[0].revents ? CONSOLE_INPUT : 0) |
	       (watched[1].revents ? CONSOLE_SOCKET : 0) |
	       (watched[2].revents ? CONSOLE_WOKEN : 0);
}

ssize_t console_read(char *bytes, size_t n)
{
	ssize_t got = read(STDIN_FILENO, bytes, n);

	return got >= 0 ? got : errno == EINTR ? -EAGAIN : -errno;
}
