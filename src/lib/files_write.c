// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/files.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (!n || (n < 0 && errno != EINTR))
			return n ? -errno : -EIO;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return fsync(fd) ? -errno : 0;
}

/* The name must survive a crash as well. */
static void sync_folder(const char *path)
{
	char folder[PATHS_BYTES];
	int fd;

	paths_folder(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

enum { SECRET = 0600, PUBLIC = 0644 };

/* The mode that the umask permits. */
static mode_t masked(mode_t mode)
{
	mode_t mask = umask(077);

	umask(mask);
	return mode & ~(mask & 077);
}

/* The new file gets the mode and owner of the old one. */
static int dress(int fd, const char *path, mode_t fresh)
{
	struct stat old, now;
	mode_t mode = fresh == SECRET ? fresh : masked(fresh);

	if (!stat(path, &old) && S_ISREG(old.st_mode)) {
		mode = old.st_mode & 07777;
		/* Done as far as the system permits. */
		if (fchown(fd, old.st_uid, old.st_gid) &&
			fchown(fd, (uid_t)-1, old.st_gid))
			mode &= ~(mode_t)070;
		if (fstat(fd, &now))
			return -errno;
		if (now.st_uid != old.st_uid)
			mode &= ~(mode_t)06000;
	}
	return fchmod(fd, mode) ? -errno : 0;
}

/* Closes fd. */
static int fill(int fd, const char *text)
{
	int error = write_all(fd, text);

	if (close(fd) && !error)
		error = -errno;
	return error;
}

/*
 * A file without a name, which a kill does not leave behind, gets one if that
 * is free. Whether the file system and the system support this is found by
 * trying.
 */
static int make_nameless(const char *path, const char *text)
{
#ifdef O_TMPFILE
	char folder[PATHS_BYTES], self[64];
	int fd, error;

	paths_folder(path, folder);
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	error = write_all(fd, text);
	if (!error && linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		error = -errno;
	close(fd);
	return error;
#else
	(void)path;
	(void)text;
	return -EOPNOTSUPP;
#endif
}

/*
 * The last resort where there are neither hard links nor renameat2(2). Here a
 * kill can leave an incomplete file, and a reader can see one.
 */
static int make_in_place(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = fill(fd, text);
	if (error)
		unlink(path);
	return error;
}

/* A rename that replaces nothing, in the ways that different systems have. */
static int rename_new(const char *temporary, const char *path)
{
	if (!link(temporary, path))
		return 0;
	if (errno == EEXIST)
		return -EEXIST;
#ifdef SYS_renameat2
	if (!syscall(SYS_renameat2, AT_FDCWD, temporary, AT_FDCWD, path,
		    RENAME_NOREPLACE))
		return 0;
#endif
	return -errno;
}

/* The name of the present temporary file, for signal handlers. */
static _Atomic(const char *) present;

void files_abandon(void)
{
	const char *name = atomic_load(&present);

	if (name)
		unlink(name);
}

/*
 * Writes a temporary file next to path, whose name is then in *temporary; it is
 * "" if no such file is left. fresh: the mode of a new file, if path may be
 * replaced.
 */
static int write_beside(const char *path, const char *text, mode_t fresh,
	char temporary[static PATHS_BYTES])
{
	char name[PATHS_BYTES];
	int error = paths_fit(snprintf(name, sizeof(name), "%s.XXXXXX", path));
	int fd;

	if (error)
		return error;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	atomic_store(&present, name);
	error = fresh ? dress(fd, path, fresh) : 0;
	if (error)
		close(fd);
	else
		error = fill(fd, text);
	if (!error && fresh)
		error = rename(name, path) ? -errno : 0;
	else if (!error)
		error = rename_new(name, path);
	if (unlink(name) && errno != ENOENT)
		memcpy(temporary, name, sizeof(name));
	atomic_store(&present, NULL);
	return error;
}

static int make(const char *path, const char *text, char *temporary)
{
	int error = make_nameless(path, text);

	if (error && error != -EEXIST)
		error = write_beside(path, text, 0, temporary);
	if (error && error != -EEXIST && error != -ENOENT && !*temporary)
		error = make_in_place(path, text);
	return error;
}

/* fresh: as for write_beside(). */
static int write_file(const char *path, const char *text, mode_t fresh,
	struct complaint *complaint)
{
	char real[PATHS_BYTES], temporary[PATHS_BYTES] = "";
	int error = fresh ? paths_resolve(path, real)
			  : paths_fit(snprintf(real, sizeof(real), "%s", path));

	if (!error)
		error = fresh ? write_beside(real, text, fresh, temporary)
			      : make(real, text, temporary);
	if (!error)
		sync_folder(real);
	if (*temporary)
		return complaint_print(complaint, error ? error : -EIO,
			"%s was %swritten, and its temporary copy %s cannot "
			"be deleted; delete it",
			path, error ? "not " : "", temporary);
	if (error && error != -EEXIST)
		complaint_print(complaint, error, "Cannot write %s: %s", path,
			strerror(-error));
	return error;
}

int files_write(const char *path, const char *text, bool may_replace,
	struct complaint *complaint)
{
	return write_file(path, text, may_replace ? SECRET : 0, complaint);
}

int files_publish(
	const char *path, const char *text, struct complaint *complaint)
{
	return write_file(path, text, PUBLIC, complaint);
}
