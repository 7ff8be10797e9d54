// SPDX-License-Identifier: MIT
/*
 * A folder that a test may fill as it likes, and that goes when the test does.
 * Knows nothing of what is put there. Used by the tests of what is in files.
 */
#pragma once

#include "helper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/random.h"
#include "lib/files.h"

static char folder[64];
static struct complaint complaint[1];

/* Its path, with name behind it; good until the fourth call from now. */
static inline const char *in_folder(const char *name)
{
	static char paths[4][PATHS_BYTES];
	static int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATHS_BYTES, "%s/%s", folder, name);
	return path;
}

/* A test's setup and teardown. */
static inline int folder_make(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/smx-unit-XXXXXX");
	*complaint->text = '\0';
	return crypto_init() || !mkdtemp(folder) ? -1 : 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the folders are */
static inline void folder_empty(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char *inner;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (asprintf(&inner, "%s/%s", path, entry->d_name) < 0)
			break;
		if (unlink(inner) && rmdir(inner)) {
			folder_empty(inner);
			rmdir(inner);
		}
		free(inner);
	}
	if (d)
		closedir(d);
}

static inline int folder_remove(void **state)
{
	(void)state;
	folder_empty(folder);
	return rmdir(folder);
}

/* How many files are in it. */
static inline int folder_count(void)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)))
		n += entry->d_name[0] != '.';
	closedir(d);
	return n;
}

/* Writes n bytes into a file of this mode; returns its path. */
static inline const char *put_bytes(
	const char *name, const void *bytes, size_t n, mode_t mode)
{
	const char *path = in_folder(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static inline const char *put_text(
	const char *name, const char *text, mode_t mode)
{
	return put_bytes(name, text, strlen(text), mode);
}

/* What is in a file; good until the next call. */
static inline const char *get_text(const char *path)
{
	static char text[1 << 16];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static inline unsigned mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode & 07777;
}

/* A child that runs act(number) and ends; to be waited for by reap(). */
static inline pid_t spawn(void (*act)(int number), int number)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		act(number);
		_exit(0);
	}
	return pid;
}

/* How it ended, as waitpid(2) says. */
static inline int reap(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* A test with a folder of its own. */
#define FOLDER_TEST(name)                                                      \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)
