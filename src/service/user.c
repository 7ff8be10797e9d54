// SPDX-License-Identifier: MIT
#include "service/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Also the saved ones, or they could be taken back. */
static int take(const struct passwd *user)
{
	if (initgroups(user->pw_name, user->pw_gid) ||
		setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
		return -errno;
	return user->pw_uid && (!setuid(0) || !seteuid(0)) ? -EPERM : 0;
}

static int settle(const struct passwd *user)
{
	/* Those were root's, as were the folders that they name. */
	unsetenv("XDG_STATE_HOME");
	return setenv("HOME", user->pw_dir, 1) ? -errno : 0;
}

int user_become(const char *name, struct complaint *complaint)
{
	const struct passwd *user;
	int error;

	errno = 0;
	user = getpwnam(name);
	if (!user) {
		error = errno ? -errno : -ENOENT;
		return complaint_print(complaint, error,
			"Cannot become user '%s': %s", name,
			error == -ENOENT ? "there is no such user"
					 : strerror(-error));
	}
	if (getuid() == user->pw_uid && geteuid() == user->pw_uid &&
		user->pw_uid)
		return 0;
	if (geteuid() != 0)
		return complaint_print(complaint, -EPERM,
			"Cannot become user '%s': only root can; start the "
			"server as that user instead, without --user",
			name);
	error = take(user);
	if (!error)
		error = settle(user);
	return error ? complaint_print(complaint, error,
			       "Cannot become user '%s': %s", name,
			       strerror(-error))
		     : 0;
}
