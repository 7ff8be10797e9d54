// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "lib/files.h"

enum { LOCK_PAUSE_NS = 10000000 };

/*
 * 0: we have it; -EAGAIN: another process has it; -errno: no such locks here.
 */
static int try_lock(int fd)
{
	int error = flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;

#ifdef F_OFD_SETLK
	/* Some network file systems support only one kind of lock. */
	if (error && error != -EWOULDBLOCK && error != -EINTR) {
		struct flock whole = { .l_type = F_WRLCK,
			.l_whence = SEEK_SET };

		if (!fcntl(fd, F_OFD_SETLK, &whole))
			return 0;
		if (errno == EACCES || errno == EAGAIN)
			return -EAGAIN;
	}
#endif
	return error == -EINTR ? -EAGAIN : error;
}

/* Another user could keep their own file locked indefinitely. */
static int open_lock(const char *path)
{
	struct stat status;
	int fd = open(path,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) ||
		(status.st_uid != geteuid() && status.st_uid != 0)) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

static int lock_path(const char *path, unsigned patience_ms)
{
	uint64_t deadline = clock_ns() + (uint64_t)patience_ms * 1000000;
	char real[PATHS_BYTES], lock[PATHS_BYTES];
	int error = paths_resolve(path, real);
	int fd;

	if (!error)
		error = paths_fit(
			snprintf(lock, sizeof(lock), "%s.lock", real));
	if (error)
		return error;
	fd = open_lock(lock);
	if (fd < 0)
		return fd;
	while ((error = try_lock(fd)) == -EAGAIN && clock_ns() < deadline)
		nanosleep(&(struct timespec){ .tv_nsec = LOCK_PAUSE_NS }, NULL);
	if (!error)
		return fd;
	close(fd);
	return error == -EAGAIN ? -ETIMEDOUT : error;
}

int files_lock(
	const char *path, unsigned patience_ms, struct complaint *complaint)
{
	int lock = lock_path(path, patience_ms);

	if (lock >= 0)
		return lock;
	return complaint_print(complaint, lock, "Cannot lock %s.lock: %s", path,
		lock == -ETIMEDOUT ? "another program holds the lock"
				   : strerror(-lock));
}
