// SPDX-License-Identifier: MIT
#include "lib/paths.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a set-id process, the caller must not choose where its files are. */
static const char *home(void)
{
	const char *home = secure_getenv("HOME");
	const struct passwd *entry;

	if (home && *home == '/')
		return home;
	entry = getpwuid(geteuid());
	return entry ? entry->pw_dir : NULL;
}

int paths_fit(int n)
{
	return n < 0 || n >= PATHS_BYTES ? -ENAMETOOLONG : 0;
}

int paths_default(const char *variable, const char *fallback, const char *name,
	char path[static PATHS_BYTES])
{
	const char *base = secure_getenv(variable);

	/* The XDG specification: a path that is not absolute is ignored. */
	if (base && *base == '/')
		return paths_fit(
			snprintf(path, PATHS_BYTES, "%s/smx/%s", base, name));
	base = home();
	if (!base)
		return -ENOENT;
	return paths_fit(snprintf(
		path, PATHS_BYTES, "%s/%s/smx/%s", base, fallback, name));
}

int paths_find(const char *path)
{
	return access(path, F_OK) ? -errno : 0;
}

int paths_make_folder(const char *path)
{
	char folder[PATHS_BYTES];
	int error =
		*path ? paths_fit(snprintf(folder, sizeof(folder), "%s", path))
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

void paths_folder(const char *path, char folder[static PATHS_BYTES])
{
	const char *slash = strrchr(path, '/');

	snprintf(folder, PATHS_BYTES, "%.*s",
		slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
}

int paths_follow(char path[static PATHS_BYTES])
{
	char target[PATHS_BYTES], folder[PATHS_BYTES] = "";
	ssize_t n = readlink(path, target, sizeof(target));
	int error;

	if (n < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -errno;
	if ((size_t)n >= sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	if (*target != '/')
		paths_folder(path, folder);
	error = paths_fit(snprintf(path, PATHS_BYTES, "%s/%s", folder, target));
	return error ? error : 1;
}

int paths_resolve(const char *path, char real[static PATHS_BYTES])
{
	int followed = paths_fit(snprintf(real, PATHS_BYTES, "%s", path));

	if (followed)
		return followed;
	for (int hops = 0; hops < PATHS_LINKS_MAX; hops++) {
		followed = paths_follow(real);
		if (followed <= 0)
			return followed;
	}
	return -ELOOP;
}
