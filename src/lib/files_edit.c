// SPDX-License-Identifier: MIT
#include "lib/files.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* With the lock held. */
static int edit_locked(
	const char *path, struct files_edit *edit, struct complaint *complaint)
{
	char *text = NULL, *changed = NULL;
	int error = edit->is_shared
			    ? files_read_settled(
				      path, FILES_GUARDED, &text, complaint)
			    : files_read(path, FILES_GUARDED, &text, complaint);

	if (!error || error == -ENOENT)
		error = edit->change(edit, path, text, &changed, complaint);
	if (!error && changed)
		error = edit->is_shared
				? files_publish(path, changed, complaint)
				: files_write(path, changed, true, complaint);
	files_free(changed);
	files_free(text);
	return error;
}

int files_edit(const char *path, unsigned patience_ms, struct files_edit *edit,
	struct complaint *complaint)
{
	struct stat status;
	int lock, error;

	/* No lock file is created beside a folder or a device. */
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return complaint_print(
			complaint, -EINVAL, "%s is not a regular file", path);
	lock = files_lock(path, patience_ms, complaint);
	if (lock < 0)
		return lock;
	error = edit_locked(path, edit, complaint);
	close(lock);
	return error;
}
