// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "lib/files.h"

enum {
	MOST_MS = 2000,
	RECENT_S = 3, /* some file systems store times in steps of 2 s */
};

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same(const struct files_stamp *a, const struct files_stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && same_time(a->written, b->written) &&
	       same_time(a->changed, b->changed);
}

/* All zero if there is no file, or none that can be examined. */
static struct files_stamp stamp_of(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return (struct files_stamp){ 0 };
	return (struct files_stamp){
		.device = status.st_dev,
		.inode = status.st_ino,
		.size = status.st_size,
		.written = status.st_mtim,
		.changed = status.st_ctim,
	};
}

/*
 * Changed within the last seconds, or in what the clock calls the future; or
 * missing, as while an editor replaces the old file with a new one.
 */
static bool is_recent(const struct files_stamp *stamp)
{
	time_t since = time(NULL) - RECENT_S;

	return !stamp->inode || stamp->written.tv_sec >= since ||
	       stamp->changed.tv_sec >= since;
}

int files_watch(struct files_watch *w, const char *path)
{
	struct files_stamp now = stamp_of(path);
	bool is_first = !w->deadline_ns;

	if (!is_recent(&now) || (!is_first && is_same(&now, &w->last)))
		return 0;
	w->last = now;
	if (is_first)
		w->deadline_ns = clock_ns() + MOST_MS * 1000000ull;
	return clock_ns() < w->deadline_ns ? 1 : -ETIMEDOUT;
}

void files_watch_longer(struct files_watch *w)
{
	if (w->deadline_ns)
		w->deadline_ns = clock_ns() + MOST_MS * 1000000ull;
}

int files_watch_wait(struct files_watch *w, const char *path)
{
	struct timespec left = { .tv_nsec = FILES_WATCH_MS * 1000000L };
	int again = files_watch(w, path);

	while (again > 0 && nanosleep(&left, &left) && errno == EINTR)
		;
	return again;
}

int files_read_watched(struct files_watch *w, const char *path,
	mode_t forbidden, char **text, struct complaint *complaint)
{
	char *read = NULL;
	int error = files_read(path, forbidden, &read, complaint);
	int again = files_watch(w, path);

	if (again || error)
		files_free(read);
	else
		*text = read;
	return again < 0 ? complaint_print(complaint, again,
				   "%s keeps changing; wait until it has been "
				   "written",
				   path)
	       : again   ? again
			 : error;
}

int files_read_settled(const char *path, mode_t forbidden, char **text,
	struct complaint *complaint)
{
	struct files_watch watch = { 0 };
	char *read = NULL;
	int error, again;

	do {
		files_free(read);
		read = NULL;
		error = files_read(path, forbidden, &read, complaint);
		again = files_watch_wait(&watch, path);
	} while (again > 0);
	if (again)
		error = complaint_print(complaint, again,
			"%s keeps changing; wait until it has been written",
			path);
	if (error)
		files_free(read);
	else
		*text = read;
	return error;
}
