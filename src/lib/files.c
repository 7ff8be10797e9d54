// SPDX-License-Identifier: MIT
#include "lib/files.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { LOCK_PAUSE_NS = 10000000 };

static const char *home(void)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (home && *home == '/')
		return home;
	entry = getpwuid(geteuid());
	return entry ? entry->pw_dir : NULL;
}

/* snprintf's result as an error, when path is too long for it. */
static int fits(int n)
{
	return n < 0 || n >= FILES_PATH_BYTES ? -ENAMETOOLONG : 0;
}

int files_default(const char *variable, const char *fallback, const char *name,
	char path[static FILES_PATH_BYTES])
{
	const char *base = getenv(variable);

	/* The XDG specification: a path that is not absolute is ignored. */
	if (base && *base == '/')
		return fits(snprintf(
			path, FILES_PATH_BYTES, "%s/smx/%s", base, name));
	base = home();
	if (!base)
		return -ENOENT;
	return fits(snprintf(
		path, FILES_PATH_BYTES, "%s/%s/smx/%s", base, fallback, name));
}

int files_make_folder(const char *path)
{
	char folder[FILES_PATH_BYTES];
	int error = *path ? fits(snprintf(folder, sizeof(folder), "%s", path))
			  : -ENOENT;

	if (error)
		return error;
	for (char *slash = strchr(folder + 1, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

PRINTF_LIKE(3, 4)
static int complain(char *complaint, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(complaint, FILES_COMPLAINT_BYTES, format, arguments);
	va_end(arguments);
	return error;
}

static int check(int fd, const char *path, mode_t forbidden,
	struct stat *status, char *complaint)
{
	if (fstat(fd, status))
		return complain(complaint, -errno, "Cannot look at %s: %s",
			path, strerror(errno));
	if (!S_ISREG(status->st_mode))
		return complain(complaint, -EINVAL,
			"%s is no regular file; name one that is", path);
	if (status->st_uid != geteuid() && status->st_uid != 0)
		return complain(complaint, -EPERM,
			"%s belongs to somebody else; it must be yours or "
			"root's: chown %u %s",
			path, (unsigned)geteuid(), path);
	if (status->st_mode & forbidden)
		return complain(complaint, -EPERM,
			"%s can be %s by others; forbid it: chmod %s %s", path,
			forbidden == FILES_PRIVATE ? "read or written"
						   : "written",
			forbidden == FILES_PRIVATE ? "600" : "go-w", path);
	if (status->st_size > FILES_MAX)
		return complain(complaint, -EFBIG,
			"%s is too large to be a file of keys", path);
	return 0;
}

/* What lies behind a NUL would be overlooked, and lost when it is rewritten. */
static int read_all(int fd, char *text, size_t size)
{
	size_t length = 0;

	for (;;) {
		ssize_t n = read(fd, text + length, size - 1 - length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			length += (size_t)n;
	}
	text[length] = '\0';
	return strlen(text) == length ? 0 : -EINVAL;
}

int files_read(const char *path, mode_t forbidden, char **text,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	/* Who opens a pipe to look at it shall not wait for its writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	char *bytes;
	int error;

	if (fd < 0)
		return complain(complaint, -errno, "Cannot open %s: %s", path,
			strerror(errno));
	error = check(fd, path, forbidden, &status, complaint);
	if (error)
		goto out;
	bytes = malloc((size_t)status.st_size + 1);
	error = bytes ? read_all(fd, bytes, (size_t)status.st_size + 1)
		      : -ENOMEM;
	if (error) {
		if (bytes)
			explicit_bzero(bytes, (size_t)status.st_size + 1);
		free(bytes);
		complain(complaint, error, "Cannot read %s: %s", path,
			error == -EINVAL ? "it is no text, a NUL is in it"
					 : strerror(-error));
		goto out;
	}
	*text = bytes;
out:
	close(fd);
	return error;
}

void files_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return fsync(fd) ? -errno : 0;
}

/* The name itself must survive too. */
static void sync_folder(const char *path)
{
	char folder[FILES_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(folder, sizeof(folder), "%.*s",
		slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

/* link(2) is the rename that replaces nothing. */
static int give_name(const char *temporary, const char *path, bool may_replace)
{
	if (may_replace)
		return rename(temporary, path) ? -errno : 0;
	if (link(temporary, path))
		return -errno;
	unlink(temporary);
	return 0;
}

int files_write(const char *path, const char *text, bool may_replace,
	char complaint[static FILES_COMPLAINT_BYTES])
{
	char temporary[FILES_PATH_BYTES];
	int error =
		fits(snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path));
	int fd;

	if (error)
		goto out;
	fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
	if (fd < 0) {
		error = -errno;
		goto out;
	}
	error = write_all(fd, text);
	if (close(fd) && !error)
		error = -errno;
	if (!error)
		error = give_name(temporary, path, may_replace);
	if (error)
		unlink(temporary);
	else
		sync_folder(path);
out:
	if (error && error != -EEXIST)
		complain(complaint, error, "Cannot write %s: %s", path,
			strerror(-error));
	return error;
}

int files_lock(const char *path, unsigned patience_ms)
{
	uint64_t deadline = clock_ns() + (uint64_t)patience_ms * 1000000;
	char lock[FILES_PATH_BYTES];
	int error = fits(snprintf(lock, sizeof(lock), "%s.lock", path));
	int fd;

	if (error)
		return error;
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (clock_ns() >= deadline) {
			close(fd);
			return -ETIMEDOUT;
		}
		nanosleep(&(struct timespec){ .tv_nsec = LOCK_PAUSE_NS }, NULL);
	}
	return fd;
}
