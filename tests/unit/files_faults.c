// SPDX-License-Identifier: MIT
/*
 * Files on file systems that lack something: the calls fail as they do there.
 */
#include "folder.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* What a call fails with; 0: it does not. */
static int no_link, no_linkat, no_flock, no_ofd, no_unlink, no_tmpfile,
	no_renameat2;

#define FAIL_IF(fault)                                                         \
	if (fault) {                                                           \
		errno = fault;                                                 \
		return -1;                                                     \
	}

/* With which renameat2(2) is called, since not every library has it. */
long syscall(long number, ...)
{
	static long (*next)(long number, ...);
	va_list arguments;
	long a[6];

	FAIL_IF(number == SYS_renameat2 ? no_renameat2 : 0)
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, mode_t);
	va_end(arguments);
	FAIL_IF((flags & O_TMPFILE) == O_TMPFILE ? no_tmpfile : 0)
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static bool ends_in_fsync;

int fsync(int fd)
{
	if (ends_in_fsync) {
		files_abandon();
		_exit(0);
	}
	return (int)syscall(SYS_fsync, fd);
}

int link(const char *from, const char *to)
{
	FAIL_IF(no_link)
	return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int at, const char *from, int to_at, const char *to, int flags)
{
	FAIL_IF(no_linkat)
	return (int)syscall(SYS_linkat, at, from, to_at, to, flags);
}

int flock(int fd, int operation)
{
	FAIL_IF(no_flock)
	return (int)syscall(SYS_flock, fd, operation);
}

int fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	FAIL_IF(command == F_OFD_SETLK ? no_ofd : 0)
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

int unlink(const char *path)
{
	FAIL_IF(no_unlink)
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

enum { LIMIT = 4096 };

static int set_up(void **state)
{
	no_link = no_linkat = no_flock = no_ofd = no_unlink = 0;
	no_tmpfile = no_renameat2 = 0;
	return folder_make(state);
}

#define FAULT_TEST(test)                                                       \
	cmocka_unit_test_setup_teardown(test, set_up, folder_remove)

static const int without_links[] = { EPERM, EACCES, ENOSYS, EOPNOTSUPP, EMLINK,
	EINVAL };

/* Made, for its owner only, not replaced, and without anything beside it. */
static void check_made_once(const char *path)
{
	assert_int_equal(files_write(path, "one", false, complaint), 0);
	assert_int_equal(files_write(path, "two", false, complaint), -EEXIST);
	assert_string_equal(get_text(path), "one");
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(folder_count(), 1);
	assert_int_equal(unlink(path), 0);
}

static void a_file_is_made_without_hard_links_and_replaces_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT_OF(without_links); i++) {
		const char *path = in_folder("a");

		no_link = no_linkat = without_links[i / 2];
		no_renameat2 = i % 2 ? EINVAL : 0; /* as on FAT */
		check_made_once(path);
	}
}

static void a_file_is_made_where_none_can_be_without_a_name(void **state)
{
	/* The file system's error, and that of a kernel before 3.11. */
	static const int faults[] = { EOPNOTSUPP, EISDIR };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		const char *path = in_folder("a");

		no_tmpfile = faults[i];
		check_made_once(path);
	}
}

/* In each of the ways, to the last, whose file has its name from the first. */
static void what_cannot_be_written_whole_is_not_there(void **state)
{
	static char text[2 * LIMIT];
	struct rlimit old, limit;
	int error;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = LIMIT;
	for (int i = 0; i < 3; i++) {
		no_tmpfile = i > 0 ? EOPNOTSUPP : 0;
		no_link = no_linkat = no_renameat2 = i > 1 ? EPERM : 0;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		error = files_write(in_folder("a"), text, false, complaint);
		setrlimit(RLIMIT_FSIZE, &old);
		assert_int_equal(error, -EFBIG);
		assert_int_equal(folder_count(), 0);
	}
}

static void write_and_end(int may_replace)
{
	ends_in_fsync = true;
	if (!files_write(in_folder("a"), "one", may_replace, complaint))
		_exit(1);
}

static void a_signal_that_ends_it_leaves_no_copy(void **state)
{
	(void)state;
	no_tmpfile = EOPNOTSUPP;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(reap(spawn(write_and_end, i)), 0);
		assert_int_equal(folder_count(), 0);
	}
	/* Nothing is deleted later on. */
	assert_int_equal(
		files_write(in_folder("a"), "one", false, complaint), 0);
	files_abandon();
	assert_int_equal(folder_count(), 1);
}

static void a_copy_that_cannot_be_deleted_is_named(void **state)
{
	(void)state;
	no_linkat = EPERM;
	no_unlink = EACCES;
	assert_int_equal(
		files_write(in_folder("a"), "one", false, complaint), -EIO);
	assert_non_null(strstr(complaint->text, in_folder("a.")));
	assert_non_null(strstr(complaint->text, "delete it"));
	assert_string_equal(get_text(in_folder("a")), "one");
	no_unlink = 0;
}

static void without_flock_the_other_lock_is_taken(void **state)
{
	static const int faults[] = { ENOSYS, EOPNOTSUPP, ENOLCK, EINVAL };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		int lock;

		no_flock = faults[i];
		lock = files_lock(in_folder("a"), 0, complaint);
		assert_true(lock >= 0);
		assert_int_equal(
			files_lock(in_folder("a"), 0, complaint), -ETIMEDOUT);
		close(lock);
	}
}

static void without_any_lock_that_is_the_reason_at_once(void **state)
{
	(void)state;
	no_flock = ENOLCK;
	no_ofd = EINVAL;
	alarm(10);
	assert_int_equal(files_lock(in_folder("a"), 60000, complaint), -ENOLCK);
	alarm(0);
	assert_non_null(strstr(complaint->text, strerror(ENOLCK)));
	assert_non_null(strstr(complaint->text, "a.lock"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(
			a_file_is_made_without_hard_links_and_replaces_nothing),
		FAULT_TEST(a_file_is_made_where_none_can_be_without_a_name),
		FAULT_TEST(what_cannot_be_written_whole_is_not_there),
		FAULT_TEST(a_signal_that_ends_it_leaves_no_copy),
		FAULT_TEST(a_copy_that_cannot_be_deleted_is_named),
		FAULT_TEST(without_flock_the_other_lock_is_taken),
		FAULT_TEST(without_any_lock_that_is_the_reason_at_once),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
