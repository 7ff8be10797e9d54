// SPDX-License-Identifier: MIT
#include "lib/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 4096 };

/* As Debian creates one for each user, without other members. */
static bool is_own_group(uid_t uid, gid_t gid)
{
	const struct passwd *user = getpwuid(uid);
	const struct group *group = user ? getgrgid(gid) : NULL;

	if (!group || strcmp(group->gr_name, user->pw_name) != 0)
		return false;
	for (char *const *member = group->gr_mem; *member; member++)
		if (strcmp(*member, user->pw_name) != 0)
			return false;
	return true;
}

static bool is_strangers(uid_t uid)
{
	return uid != geteuid() && uid != 0;
}

static bool is_writable_for_others(const struct stat *folder)
{
	if (!(folder->st_mode & 022))
		return false;
	return folder->st_mode & 002 ||
	       (!is_own_group(geteuid(), folder->st_gid) &&
		       !is_own_group(folder->st_uid, folder->st_gid));
}

/*
 * Anyone who may write to a folder can replace this file, or remove it, so that
 * a new key is created or servers are unknown again. The owner can do so
 * whatever the mode, and root is affected as well: a container that mounts a
 * user's folder must run as that user.
 */
static int check_folder(
	const char *at, const char *path, struct complaint *complaint)
{
	char folder[PATHS_BYTES];
	struct stat status;

	paths_folder(at, folder);
	if (stat(folder, &status))
		return complaint_print(complaint, -errno,
			"Cannot examine %s: %s", folder, strerror(errno));
	if (is_strangers(status.st_uid))
		return complaint_print(complaint, -EPERM,
			"%s is in a directory owned by another user, who can "
			"replace it; run: chown %u %s",
			path, (unsigned)geteuid(), folder);
	if (!is_writable_for_others(&status))
		return 0;
	if (!(status.st_mode & S_ISVTX))
		return complaint_print(complaint, -EPERM,
			"%s is in a directory writable by other users, who can "
			"replace it; run: chmod go-w %s",
			path, folder);
	/* In a sticky folder, users can replace only their own files. */
	if (!lstat(at, &status) && is_strangers(status.st_uid))
		return complaint_print(complaint, -EPERM,
			"%s is reached through a symbolic link owned by "
			"another user, who can replace it; run: chown -h %u %s",
			path, (unsigned)geteuid(), at);
	return 0;
}

/* For a link, checks every folder that it leads through. */
static int check_folders(const char *path, struct complaint *complaint)
{
	char at[PATHS_BYTES];
	int error = paths_fit(snprintf(at, sizeof(at), "%s", path));

	if (error)
		return complaint_print(complaint, error, "Cannot open %s: %s",
			path, strerror(-error));
	for (int i = 0; i < PATHS_LINKS_MAX; i++) {
		error = check_folder(at, path, complaint);
		if (error)
			return error;
		error = paths_follow(at);
		if (error <= 0)
			break;
	}
	return error < 0 ? complaint_print(complaint, error,
				   "Cannot follow the link %s: %s", path,
				   strerror(-error))
			 : 0;
}

/* One of our groups; also root's, whose members could read the file anyway. */
static bool is_our_group(gid_t gid)
{
	gid_t groups[256];
	int n = getgroups(256, groups);

	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return gid == 0 || gid == getegid();
}

/*
 * Service managers provide a key, even for root, as a file of root's that we
 * read through our group, or through an access control list whose mask shows as
 * the group's mode.
 */
static bool is_provided(const struct stat *status)
{
	return status->st_uid == 0 && !(status->st_mode & 0037) &&
	       is_our_group(status->st_gid);
}

static int check_file(
	int fd, const char *path, mode_t forbidden, struct complaint *complaint)
{
	bool is_private = forbidden == FILES_PRIVATE;
	struct stat status;

	if (fstat(fd, &status))
		return complaint_print(complaint, -errno,
			"Cannot examine %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return complaint_print(
			complaint, -EINVAL, "%s is not a regular file", path);
	if (is_strangers(status.st_uid))
		return complaint_print(complaint, -EPERM,
			"%s belongs to another user; run: chown %u %s", path,
			(unsigned)geteuid(), path);
	if (status.st_mode & forbidden && !(is_private && is_provided(&status)))
		return complaint_print(complaint, -EPERM,
			"%s is %s other users; run: chmod %s %s", path,
			is_private ? "accessible to" : "writable by",
			is_private ? "600" : "go-w", path);
	return 0;
}

/* The old memory may contain a secret. */
static int grow(char **text, size_t *size, size_t length)
{
	char *more = malloc(2 * *size);

	if (!more)
		return -ENOMEM;
	memcpy(more, *text, length);
	sodium_memzero(*text, *size);
	free(*text);
	*text = more;
	*size *= 2;
	return 0;
}

/*
 * Reads to the end, whatever size the file claims: it may be growing, or not be
 * on a disk. Free *text in any case.
 */
static int read_all(int fd, size_t most, char **text, size_t *length)
{
	size_t size = FIRST_BYTES;

	*text = malloc(size);
	*length = 0;
	if (!*text)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, *text + *length, size - 1 - *length);
		int error = n < 0 && errno != EINTR ? -errno : 0;

		if (n == 0)
			break;
		if (n > 0)
			*length += (size_t)n;
		if (*length > most)
			error = -EFBIG;
		if (!error && *length == size - 1)
			error = grow(text, &size, *length);
		if (error)
			return error;
	}
	(*text)[*length] = '\0';
	return 0;
}

/* Text after a NUL would be ignored, and lost when the file is rewritten. */
static const char *no_text(const char *text, size_t length)
{
	if (length >= 2 &&
		(!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
		return "it is UTF-16; save it as UTF-8";
	return strlen(text) != length ? "it contains a NUL byte" : NULL;
}

/* There is no file: do not create one that others could replace or remove. */
static int not_opened(const char *path, int error, struct complaint *complaint)
{
	int unsafe = error == -ENOENT ? check_folders(path, complaint) : 0;

	if (unsafe && unsafe != -ENOENT)
		return unsafe;
	return complaint_print(
		complaint, error, "Cannot open %s: %s", path, strerror(-error));
}

int files_read(const char *path, mode_t forbidden, char **text,
	struct complaint *complaint)
{
	/* Opening a pipe must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	char *bytes = NULL;
	const char *reason;
	size_t length = 0;
	int error;

	if (fd < 0)
		return not_opened(path, -errno, complaint);
	error = check_file(fd, path, forbidden, complaint);
	if (!error)
		error = check_folders(path, complaint);
	if (error)
		goto out;
	error = read_all(fd,
		forbidden == FILES_PRIVATE ? FILES_KEY_MAX : FILES_MAX, &bytes,
		&length);
	reason = error == -EFBIG ? "it is too large"
		 : error         ? strerror(-error)
				 : no_text(bytes, length);
	if (reason) {
		error = error ? error : -EINVAL;
		complaint_print(
			complaint, error, "Cannot read %s: %s", path, reason);
		if (bytes)
			sodium_memzero(bytes, length);
		free(bytes);
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
		sodium_memzero(text, strlen(text));
	free(text);
}
