// SPDX-License-Identifier: MIT
#include "folder.h"

#include <sys/file.h>

enum { KILLS = 40, LONG_BYTES = 8000, PATIENCE_MS = 30000 };

static int read_file(const char *path, mode_t forbidden, char **text)
{
	return files_read(path, forbidden, text, complaint);
}

/* Refused with this error, and with words that say which file. */
static void assert_refused(const char *path, mode_t forbidden, int expected)
{
	char *text = NULL;

	alarm(10); /* it must not wait for anybody */
	assert_int_equal(read_file(path, forbidden, &text), expected);
	alarm(0);
	assert_null(text);
	assert_non_null(strstr(complaint->text, path));
}

static void assert_read(const char *path, mode_t forbidden, const char *wanted)
{
	char *text;

	assert_int_equal(read_file(path, forbidden, &text), 0);
	assert_string_equal(text, wanted);
	files_free(text);
}

static void a_file_is_read_whole(void **state)
{
	static char large[FILES_KEY_MAX + 1];
	char *text;

	(void)state;
	assert_read(put_text("a", "", 0600), FILES_PRIVATE, "");
	assert_read(put_text("a", "x\n\ny", 0600), FILES_PRIVATE, "x\n\ny");
	memset(large, 'x', FILES_KEY_MAX);
	assert_read(put_bytes("a", large, FILES_KEY_MAX, 0600), FILES_PRIVATE,
		large);
	large[FILES_KEY_MAX] = 'x';
	assert_refused(put_bytes("a", large, sizeof(large), 0600),
		FILES_PRIVATE, -EFBIG);
	assert_int_equal(
		read_file(in_folder("none"), FILES_PRIVATE, &text), -ENOENT);
	assert_int_equal(
		read_file(in_folder("a/b"), FILES_PRIVATE, &text), -ENOTDIR);
}

/* Else everything behind it would be overlooked, and lost when rewritten. */
static void a_file_with_a_NUL_in_it_is_no_text(void **state)
{
	(void)state;
	assert_refused(put_bytes("a", "one\n\0two\n", 9, 0600), FILES_GUARDED,
		-EINVAL);
}

static void each_mode_is_judged_by_its_forbidden_bits(void **state)
{
	static const mode_t forbidden[] = { FILES_PRIVATE, FILES_GUARDED };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forbidden); i++)
		for (mode_t mode = 0400; mode <= 0777; mode++) {
			const char *path;

			if (!(mode & 0400))
				continue;
			unlink(in_folder("a"));
			path = put_text("a", "x", mode);
			if (!(mode & forbidden[i]) ||
				(!geteuid() && !(mode & 0037))) {
				assert_read(path, forbidden[i], "x");
				continue;
			}
			assert_refused(path, forbidden[i], -EPERM);
			assert_non_null(strstr(complaint->text, "chmod"));
		}
}

static void a_link_is_as_good_as_what_it_leads_to(void **state)
{
	(void)state;
	put_text("good", "x", 0600);
	put_text("bad", "x", 0644);
	assert_int_equal(symlink("good", in_folder("to-good")), 0);
	assert_int_equal(symlink("bad", in_folder("to-bad")), 0);
	assert_read(in_folder("to-good"), FILES_PRIVATE, "x");
	assert_refused(in_folder("to-bad"), FILES_PRIVATE, -EPERM);
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("folder"), 0700), 0);
	assert_refused(in_folder("folder"), FILES_PRIVATE, -EINVAL);
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	assert_refused(in_folder("pipe"), FILES_PRIVATE, -EINVAL);
	assert_refused("/dev/null", FILES_PRIVATE, -EINVAL);
}

enum { NOBODY = 65534, STRANGERS = 54321 };

/* As Kubernetes provides one, and an administrator root's programs. */
static void a_key_of_roots_may_be_readable_for_our_group(void **state)
{
	const char *path = put_text("a", "x", 0440);

	(void)state;
	assert_read(path, FILES_PRIVATE, "x");
	assert_int_equal(chmod(path, 0640), 0);
	assert_read(path, FILES_PRIVATE, "x");
	assert_int_equal(chown(path, 0, STRANGERS), 0);
	assert_refused(path, FILES_PRIVATE, -EPERM);
	assert_non_null(strstr(complaint->text, "chmod 600"));
}

static void a_file_of_somebody_else_is_refused(void **state)
{
	const char *path = put_text("a", "x", 0600);

	(void)state;
	assert_int_equal(chown(path, NOBODY, (gid_t)-1), 0);
	assert_refused(path, FILES_PRIVATE, -EPERM);
	assert_non_null(strstr(complaint->text, "chown 0 "));
}

static void read_one_of_roots(int number)
{
	char *text;

	(void)number;
	if ((!geteuid() && setuid(NOBODY)) ||
		read_file("/etc/passwd", FILES_GUARDED, &text))
		_exit(1);
}

static void a_file_of_roots_is_taken_by_others(void **state)
{
	(void)state;
	assert_int_equal(reap(spawn(read_one_of_roots, 0)), 0);
}

static void what_is_written_is_for_its_owner_only(void **state)
{
	mode_t old = umask(0);
	const char *path = in_folder("a");

	(void)state;
	assert_int_equal(files_write(path, "one", false, complaint), 0);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(files_write(path, "", true, complaint), 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(files_write(path, "three", true, complaint), 0);
	assert_int_equal(mode_of(path), 0644); /* its owner wished so */
	assert_string_equal(get_text(path), "three");
	assert_int_equal(folder_count(), 1); /* nothing temporary is left */
	umask(old);
}

static void a_link_stays_one_also_where_nothing_is_yet(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(mkdir(in_folder("x"), 0700), 0);
	assert_int_equal(symlink("../b", in_folder("x/c")), 0);
	assert_int_equal(symlink("x/c", in_folder("a")), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			files_write(in_folder("a"), "text", true, complaint),
			0);
		assert_int_equal(lstat(in_folder("a"), &status), 0);
		assert_true(S_ISLNK(status.st_mode));
		assert_int_equal(lstat(in_folder("b"), &status), 0);
		assert_true(S_ISREG(status.st_mode));
	}
	assert_int_equal(symlink("loop", in_folder("loop")), 0);
	assert_int_equal(
		files_write(in_folder("loop"), "x", true, complaint), -ELOOP);
	assert_int_equal(files_lock(in_folder("loop"), 0, complaint), -ELOOP);
}

static void a_folder_in_which_others_can_replace_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		bool is_good;
	} rows[] = { { 0700, true }, { 0755, true }, { 0777, false },
		{ 0702, false }, { 01777, true } };

	(void)state;
	assert_int_equal(mkdir(in_folder("x"), 0700), 0);
	put_text("x/a", "x", 0600);
	assert_int_equal(symlink("x/a", in_folder("link")), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(chmod(in_folder("x"), rows[i].mode), 0);
		if (rows[i].is_good) {
			assert_read(in_folder("x/a"), FILES_GUARDED, "x");
			assert_read(in_folder("link"), FILES_PRIVATE, "x");
			continue;
		}
		assert_refused(in_folder("x/a"), FILES_GUARDED, -EPERM);
		assert_non_null(strstr(complaint->text, "chmod go-w"));
		assert_refused(in_folder("link"), FILES_PRIVATE, -EPERM);
	}
}

static void a_lock_does_not_follow_a_link(void **state)
{
	(void)state;
	put_text("precious", "x", 0600);
	assert_int_equal(symlink("precious", in_folder("a.lock")), 0);
	assert_int_equal(files_lock(in_folder("a"), 0, complaint), -ELOOP);
	assert_int_equal(symlink("none", in_folder("b.lock")), 0);
	assert_int_equal(files_lock(in_folder("b"), 0, complaint), -ELOOP);
	assert_int_equal(access(in_folder("none"), F_OK), -1);
}

static void a_file_in_another_encoding_is_refused_by_name(void **state)
{
	(void)state;
	assert_refused(put_bytes("a", "\xff\xfe#\0\n\0", 6, 0600),
		FILES_GUARDED, -EINVAL);
	assert_non_null(strstr(complaint->text, "UTF-16"));
}

static void what_is_there_is_replaced_only_when_it_may_be(void **state)
{
	const char *path = put_text("a", "one", 0640);

	(void)state;
	assert_int_equal(files_write(path, "two", false, complaint), -EEXIST);
	assert_string_equal(get_text(path), "one");
	assert_int_equal(mode_of(path), 0640);
	assert_int_equal(symlink("none", in_folder("link")), 0);
	assert_int_equal(
		files_write(in_folder("link"), "x", false, complaint), -EEXIST);
	assert_int_equal(folder_count(), 2);
}

/* Whoever has the old file open goes on reading the old one. */
static void a_file_is_replaced_and_not_written_over(void **state)
{
	const char *path = put_text("a", "one", 0600);

	(void)state;
	assert_int_equal(link(path, in_folder("old")), 0);
	assert_int_equal(files_write(path, "two", true, complaint), 0);
	assert_string_equal(get_text(path), "two");
	assert_string_equal(get_text(in_folder("old")), "one");
}

static void a_failure_to_write_has_its_words_and_leaves_nothing(void **state)
{
	char path[2 * PATHS_BYTES];

	(void)state;
	assert_int_equal(
		files_write(in_folder("no/a"), "x", true, complaint), -ENOENT);
	assert_non_null(strstr(complaint->text, in_folder("no/a")));
	assert_int_equal(mkdir(in_folder("folder"), 0700), 0);
	assert_int_equal(files_write(in_folder("folder"), "x", true, complaint),
		-EISDIR);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(
		files_write(path, "x", true, complaint), -ENAMETOOLONG);
	assert_int_equal(files_lock(path, 0, complaint), -ENAMETOOLONG);
	assert_int_equal(paths_make_folder(path), -ENAMETOOLONG);
	assert_int_equal(paths_make_folder(""), -ENOENT);
	assert_int_equal(folder_count(), 1);
}

/* Long enough to be met half written. */
static void write_for_ever(int number)
{
	static char text[2][LONG_BYTES];

	(void)number;
	memset(text[0], 'a', LONG_BYTES - 1);
	memset(text[1], 'b', LONG_BYTES - 1);
	for (unsigned turn = 0;; turn++)
		if (files_write(
			    in_folder("a"), text[turn % 2], true, complaint))
			_exit(1);
}

static void a_kill_at_any_moment_leaves_the_old_or_the_new(void **state)
{
	char *text;

	(void)state;
	put_text("a", "", 0600);
	for (int i = 0; i < KILLS; i++) {
		pid_t child = spawn(write_for_ever, i);
		long pause = 500000 + (long)dice_below(8000000);

		nanosleep(&(struct timespec){ .tv_nsec = pause }, NULL);
		kill(child, SIGKILL);
		assert_true(WIFSIGNALED(reap(child)));
		assert_int_equal(
			read_file(in_folder("a"), FILES_PRIVATE, &text), 0);
		if (*text) {
			assert_true(*text == 'a' || *text == 'b');
			assert_int_equal(strlen(text), LONG_BYTES - 1);
			assert_int_equal(strspn(text, (char[]){ *text, '\0' }),
				LONG_BYTES - 1);
		}
		files_free(text);
	}
}

static void one_at_a_time_holds_the_lock(void **state)
{
	int lock = files_lock(in_folder("a"), 0, complaint);
	int other = open(in_folder("a.lock"), O_RDWR);

	(void)state;
	assert_true(lock >= 0 && other >= 0);
	assert_int_equal(mode_of(in_folder("a.lock")), 0600);
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), -1);
	close(lock);
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), 0);
	close(other);
}

static void lock_and_end(int number)
{
	(void)number;
	if (files_lock(in_folder("a"), PATIENCE_MS, complaint) < 0)
		_exit(1);
}

static void a_lock_goes_with_who_held_it(void **state)
{
	int lock;

	(void)state;
	assert_int_equal(reap(spawn(lock_and_end, 0)), 0);
	lock = files_lock(in_folder("a"), PATIENCE_MS, complaint);
	assert_true(lock >= 0);
	close(lock);
}

static void folders_are_made_for_their_owner_only(void **state)
{
	mode_t old = umask(0);

	(void)state;
	assert_int_equal(paths_make_folder(in_folder("x/y/z/file")), 0);
	assert_int_equal(paths_make_folder(in_folder("x/y/z/file")), 0);
	assert_int_equal(mode_of(in_folder("x")), 0700);
	assert_int_equal(mode_of(in_folder("x/y/z")), 0700);
	assert_int_equal(access(in_folder("x/y/z/file"), F_OK), -1);
	put_text("file", "", 0600);
	assert_int_equal(paths_make_folder(in_folder("file/y/z")), -ENOTDIR);
	assert_int_equal(paths_find(in_folder("file")), 0);
	assert_int_equal(paths_find(in_folder("x/y/z")), 0);
	assert_int_equal(paths_find(in_folder("x/y/z/file")), -ENOENT);
	assert_int_equal(paths_find(in_folder("file/y/z")), -ENOTDIR);
	umask(old);
}

static void a_default_follows_the_environment(void **state)
{
	static char path[PATHS_BYTES], huge[PATHS_BYTES + 1];
	static const char *const ignored[] = { "", "relative", "./x" };

	(void)state;
	setenv("HOME", "/home/me", 1);
	for (size_t i = 0; i < COUNT_OF(ignored); i++) {
		setenv("SMX_X", ignored[i], 1);
		assert_int_equal(
			paths_default("SMX_X", ".config", "f", path), 0);
		assert_string_equal(path, "/home/me/.config/smx/f");
	}
	setenv("SMX_X", "/x", 1);
	assert_int_equal(paths_default("SMX_X", ".config", "f", path), 0);
	assert_string_equal(path, "/x/smx/f");
	memset(huge, 'x', sizeof(huge) - 1);
	huge[0] = '/';
	setenv("SMX_X", huge, 1);
	assert_int_equal(
		paths_default("SMX_X", ".config", "f", path), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(a_file_is_read_whole),
		FOLDER_TEST(a_file_with_a_NUL_in_it_is_no_text),
		FOLDER_TEST(each_mode_is_judged_by_its_forbidden_bits),
		FOLDER_TEST(a_link_is_as_good_as_what_it_leads_to),
		FOLDER_TEST(what_is_no_regular_file_is_refused_without_waiting),
		TEST_OR_SKIP(a_key_of_roots_may_be_readable_for_our_group,
			!geteuid(), "takes root", folder_make, folder_remove),
		TEST_OR_SKIP(a_file_of_somebody_else_is_refused, !geteuid(),
			"takes root", folder_make, folder_remove),
		FOLDER_TEST(a_file_of_roots_is_taken_by_others),
		FOLDER_TEST(what_is_written_is_for_its_owner_only),
		FOLDER_TEST(a_link_stays_one_also_where_nothing_is_yet),
		FOLDER_TEST(a_folder_in_which_others_can_replace_is_refused),
		FOLDER_TEST(a_lock_does_not_follow_a_link),
		FOLDER_TEST(a_file_in_another_encoding_is_refused_by_name),
		FOLDER_TEST(what_is_there_is_replaced_only_when_it_may_be),
		FOLDER_TEST(a_file_is_replaced_and_not_written_over),
		FOLDER_TEST(
			a_failure_to_write_has_its_words_and_leaves_nothing),
		FOLDER_TEST(a_kill_at_any_moment_leaves_the_old_or_the_new),
		FOLDER_TEST(one_at_a_time_holds_the_lock),
		FOLDER_TEST(a_lock_goes_with_who_held_it),
		FOLDER_TEST(folders_are_made_for_their_owner_only),
		FOLDER_TEST(a_default_follows_the_environment),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
