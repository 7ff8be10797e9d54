// SPDX-License-Identifier: MIT
#include "terminal/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios kept;
static bool has_kept;

bool terminal_is(int fd)
{
	return isatty(fd);
}

size_t terminal_columns(int fd)
{
	struct winsize size = { 0 };

	return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

void terminal_keep(void)
{
	has_kept = isatty(STDOUT_FILENO) && tcgetattr(STDIN_FILENO, &kept) == 0;
}

void terminal_restore(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	pid_t owner;

	if (!has_kept)
		return;
	owner = tcgetpgrp(STDIN_FILENO); /* -1: not our session's terminal */
	if (owner >= 0 && owner != getpgrp())
		return;
	tcsetattr(STDIN_FILENO, TCSANOW, &kept);
	if (poll(&out, 1, 0) == 1) {
		ssize_t written = write(STDOUT_FILENO, "\n", 1);

		(void)written;
	}
}
