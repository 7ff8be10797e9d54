// SPDX-License-Identifier: MIT
#include "lib/files.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/paths.h"

/* A set-id process does not let its caller say where its files are. */
static const char *home(void)
{
	const char *home = secure_getenv("HOME");
	const struct passwd *entry;

	if (home && *home == '/')
		return home;
	entry = getpwuid(geteuid());
	return entry ? entry->pw_dir : NULL;
}

int files_fit(int n)
{
	return n < 0 || n >= FILES_PATH_BYTES ? -ENAMETOOLONG : 0;
}

int files_default(const char *variable, const char *fallback, const char *name,
	char path[static FILES_PATH_BYTES])
{
	const char *base = secure_getenv(variable);

	/* The XDG specification: a path that is not absolute is ignored. */
	if (base && *base == '/')
		return files_fit(snprintf(
			path, FILES_PATH_BYTES, "%s/smx/%s", base, name));
	base = home();
	if (!base)
		return -ENOENT;
	return files_fit(snprintf(
		path, FILES_PATH_BYTES, "%s/%s/smx/%s", base, fallback, name));
}

int files_make_folder(const char *path)
{
	char folder[FILES_PATH_BYTES];
	int error =
		*path ? files_fit(snprintf(folder, sizeof(folder), "%s", path))
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

void files_folder(const char *path, char folder[static FILES_PATH_BYTES])
{
	const char *slash = strrchr(path, '/');

	snprintf(folder, FILES_PATH_BYTES, "%.*s",
		slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
}

int files_follow(char path[static FILES_PATH_BYTES])
{
	char target[FILES_PATH_BYTES], folder[FILES_PATH_BYTES] = "";
	ssize_t n = readlink(path, target, sizeof(target));
	int error;

	if (n < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -errno;
	if ((size_t)n >= sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	if (*target != '/')
		files_folder(path, folder);
	error = files_fit(
		snprintf(path, FILES_PATH_BYTES, "%s/%s", folder, target));
	return error ? error : 1;
}

int files_resolve(const char *path, char real[static FILES_PATH_BYTES])
{
	int followed = files_fit(snprintf(real, FILES_PATH_BYTES, "%s", path));

	if (followed)
		return followed;
	for (int hops = 0; hops < FILES_LINKS_MAX; hops++) {
		followed = files_follow(real);
		if (followed <= 0)
			return followed;
	}
	return -ELOOP;
}
