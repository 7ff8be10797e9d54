// SPDX-License-Identifier: MIT
/*
 * Files of other users, in their folders and groups. Takes root, and a user
 * and groups that need not exist: what their names are is said here.
 */
#include "folder.h"

#include <grp.h>
#include <pwd.h>

enum { USER = 54321, STRANGER, SHARED, OTHER };

static char root_[] = "root", me_[] = "me", you_[] = "you", staff_[] = "staff";
static char *no_members[] = { NULL };
static char *others_too[] = { me_, you_, NULL };

struct passwd *getpwuid(uid_t uid)
{
	static struct passwd root = { .pw_name = root_ },
			     me = { .pw_name = me_ };

	return uid == USER ? &me : uid ? NULL : &root;
}

struct group *getgrgid(gid_t gid)
{
	static struct group groups[] = {
		{ .gr_name = root_, .gr_mem = no_members },
		{ .gr_name = me_, .gr_mem = no_members },
		{ .gr_name = me_, .gr_mem = others_too },
		{ .gr_name = staff_, .gr_mem = no_members },
	};

	return gid == 0        ? &groups[0]
	       : gid == USER   ? &groups[1]
	       : gid == SHARED ? &groups[2]
	       : gid == OTHER  ? &groups[3]
			       : NULL;
}

static int set_up(void **state)
{
	return folder_make(state) || chmod(folder, 0755) ? -1 : 0;
}

/* What act comes to for this user, who has one more group: 0 or -errno. */
static int as(
	uid_t uid, gid_t group, int (*act)(const char *path), const char *path)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		if (setgroups(1, &group) || setresgid(uid, uid, uid) ||
			setresuid(uid, uid, uid))
			_exit(255);
		_exit(-act(path));
	}
	status = reap(child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static int read_text(const char *path, mode_t forbidden)
{
	char *text;
	int error = files_read(path, forbidden, &text, complaint);

	if (!error)
		files_free(text);
	return error;
}

static int read_key(const char *path)
{
	return read_text(path, FILES_PRIVATE);
}

static int read_list(const char *path)
{
	return read_text(path, FILES_GUARDED);
}

static int write_list(const char *path)
{
	return files_write(path, "new", true, complaint);
}

static void put_folder(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	const char *path = in_folder(name);

	if (mkdir(path, 0700))
		assert_int_equal(errno, EEXIST);
	assert_int_equal(chown(path, uid, gid), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static const char *put_file(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	const char *path = put_text(name, "x", 0600);

	assert_int_equal(chown(path, uid, gid), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

/* What comes of reading what is this one's, for each of two. */
struct access {
	uid_t owner;
	gid_t group;
	mode_t mode;
	int to_root, to_user;
};

static void a_key_of_roots_is_read_through_a_group(void **state)
{
	static const struct access rows[] = {
		{ 0, SHARED, 0440, 0, 0 },
		{ 0, SHARED, 0640, 0, 0 },
		{ 0, SHARED, 0400, 0, -EACCES },
		{ 0, SHARED, 0660, -EPERM, -EPERM },
		{ 0, SHARED, 0444, -EPERM, -EPERM },
		{ 0, SHARED, 0450, -EPERM, -EPERM },
		{ 0, OTHER, 0440, -EPERM, -EACCES },
		{ USER, SHARED, 0400, -EPERM, 0 },
		{ USER, SHARED, 0440, -EPERM, -EPERM },
		{ STRANGER, SHARED, 0440, -EPERM, -EPERM },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *path = put_file(
			"key", rows[i].owner, rows[i].group, rows[i].mode);

		assert_int_equal(
			as(0, SHARED, read_key, path), rows[i].to_root);
		assert_int_equal(
			as(USER, SHARED, read_key, path), rows[i].to_user);
	}
}

/* A tmpfs on which the kubelet swaps ..data for the next one at one blow. */
static void a_secret_of_kubernetes_is_read(void **state)
{
	(void)state;
	put_folder("secret", 0, SHARED, 03777);
	put_folder("secret/..2026_11_26", 0, SHARED, 02755);
	put_file("secret/..2026_11_26/server.key", 0, SHARED, 0440);
	assert_int_equal(
		symlink("..2026_11_26", in_folder("secret/..data")), 0);
	assert_int_equal(
		symlink("..data/server.key", in_folder("secret/server.key")),
		0);
	for (int i = 0; i < 2; i++) {
		uid_t uid = i ? USER : 0;
		const char *path = in_folder("secret/server.key");

		assert_int_equal(as(uid, SHARED, read_key, path), 0);
		assert_int_equal(as(uid, SHARED, read_list, path), 0);
	}
}

static void a_folder_is_its_owners_and_of_his_own_group(void **state)
{
	static const struct access rows[] = {
		{ 0, USER, 0755, 0, 0 },
		{ 0, USER, 0775, -EPERM, 0 },
		{ USER, USER, 0775, -EPERM, 0 },
		{ USER, USER, 0777, -EPERM, -EPERM },
		{ USER, SHARED, 0775, -EPERM, -EPERM },
		{ USER, OTHER, 0775, -EPERM, -EPERM },
		{ USER, STRANGER, 0775, -EPERM, -EPERM },
		{ USER, OTHER, 0755, -EPERM, 0 },
		{ 0, OTHER, 0775, -EPERM, -EPERM },
		{ 0, OTHER, 01777, 0, 0 },
		/* In root's own group there is root alone. */
		{ 0, 0, 0775, 0, 0 },
		{ USER, 0, 0775, -EPERM, -EPERM },
		/* Whose it is can replace what is in it, sticky or not. */
		{ STRANGER, OTHER, 0755, -EPERM, -EPERM },
		{ STRANGER, OTHER, 01777, -EPERM, -EPERM },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		put_folder("x", rows[i].owner, rows[i].group, rows[i].mode);
		put_file("x/list", 0, 0, 0644);
		assert_int_equal(as(0, 0, read_list, in_folder("x/list")),
			rows[i].to_root);
		assert_int_equal(as(USER, 0, read_list, in_folder("x/list")),
			rows[i].to_user);
		/* Where it would be refused none is to be made either. */
		assert_int_equal(as(0, 0, read_list, in_folder("x/none")),
			rows[i].to_root ? rows[i].to_root : -ENOENT);
	}
}

static void a_link_in_a_sticky_folder_is_its_owners(void **state)
{
	static const struct {
		uid_t owner;
		int to_root, to_user;
	} rows[] = { { 0, 0, 0 }, { USER, -EPERM, 0 },
		{ STRANGER, -EPERM, -EPERM } };

	(void)state;
	put_folder("tmp", 0, 0, 01777);
	put_file("list", 0, 0, 0644);
	assert_int_equal(symlink("../list", in_folder("tmp/link")), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *path = in_folder("tmp/link");

		assert_int_equal(lchown(path, rows[i].owner, 0), 0);
		assert_int_equal(as(0, 0, read_list, path), rows[i].to_root);
		assert_int_equal(as(USER, 0, read_list, path), rows[i].to_user);
	}
	assert_int_equal(read_list(in_folder("tmp/link")), -EPERM);
	assert_non_null(strstr(complaint->text, "chown -h 0"));
}

static void assert_is(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	struct stat status;

	assert_string_equal(get_text(path), "new");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, uid);
	assert_int_equal(status.st_gid, gid);
	assert_int_equal(status.st_mode & 07777, mode);
}

static void what_is_replaced_keeps_its_owner_and_group(void **state)
{
	const char *path;

	(void)state;
	put_folder("x", USER, USER, 0700);
	path = put_file("x/list", USER, SHARED, 0640);
	assert_int_equal(write_list(path), 0);
	assert_is(path, USER, SHARED, 0640);
	/* Its group also where its owner cannot be kept. */
	path = put_file("x/list", 0, SHARED, 0664);
	assert_int_equal(as(USER, SHARED, write_list, path), 0);
	assert_is(path, USER, SHARED, 0664);
	/* A group that had no right to it gets none. */
	path = put_file("x/list", 0, SHARED, 0664);
	assert_int_equal(as(USER, OTHER, write_list, path), 0);
	assert_is(path, USER, USER, 0604);
}

#define OTHERS_TEST(test)                                                      \
	TEST_OR_SKIP(test, !geteuid(), "takes root", set_up, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OTHERS_TEST(a_key_of_roots_is_read_through_a_group),
		OTHERS_TEST(a_secret_of_kubernetes_is_read),
		OTHERS_TEST(a_folder_is_its_owners_and_of_his_own_group),
		OTHERS_TEST(a_link_in_a_sticky_folder_is_its_owners),
		OTHERS_TEST(what_is_replaced_keeps_its_owner_and_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
