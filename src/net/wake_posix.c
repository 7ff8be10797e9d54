// SPDX-License-Identifier: MIT
#include "net/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int waker_open(struct waker *w)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	*w = (struct waker){ .fd = ends[0], .slot = ends[1] };
	return 0;
}

void waker_close(struct waker *w)
{
	close(w->fd);
	close(w->slot);
}

void waker_wake(const struct waker *w)
{
	int saved_errno = errno, tries = 0;

	/* A full pipe wakes the loop as well; a lost call would hang it. */
	while (write(w->slot, "", 1) < 0 && errno != EAGAIN && tries++ < 8)
		;
	errno = saved_errno;
}

/* What one read leaves will end the next wait. */
void waker_clear(const struct waker *w)
{
	char calls[512];

	(void)!read(w->fd, calls, sizeof(calls));
}
