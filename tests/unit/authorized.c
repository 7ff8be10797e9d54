// SPDX-License-Identifier: MIT
#include "folder.h"

#include "lib/authorized.h"

enum { KEYS_MAX = 150 };

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY_C "//////////////////////////////////////////8="

static struct authorized *load(const char *text)
{
	struct authorized *list;

	assert_int_equal(
		authorized_load(put_text("list", text, 0600), &list, complaint),
		0);
	return list;
}

static const char *find(const struct authorized *list, const char *text)
{
	uint8_t key[NOISE_KEY_BYTES];

	assert_int_equal(key_parse(text, strlen(text), key), 0);
	return authorized_find(list, key);
}

/* What path leads to is refused, and a list there was is not touched. */
static void assert_not_loaded(const char *path, int error)
{
	struct authorized *before = load(KEY_C " still here"), *list = before;

	assert_int_equal(authorized_load(path, &list, complaint), error);
	assert_ptr_equal(list, before);
	assert_int_equal(authorized_count(list), 1);
	assert_string_equal(find(list, KEY_C), "still here");
	assert_non_null(strstr(complaint->text, path));
	authorized_release(list);
}

/* text is refused, for a reason that says this. */
static void assert_refused(const char *text, const char *reason)
{
	assert_not_loaded(put_text("bad", text, 0600), -EINVAL);
	assert_non_null(strstr(complaint->text, reason));
}

static void a_comment_alone_means_nobody(void **state)
{
	static const char *const texts[] = { "# nobody", "\r\n#\r\n",
		("# " KEY_A " me\n"), "\n #", "#" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct authorized *list = load(texts[i]);

		assert_int_equal(authorized_count(list), 0);
		assert_null(find(list, KEY_A));
		assert_null(find(list, KEY_B));
		assert_null(find(list, KEY_C));
		authorized_release(list);
	}
}

/* It may be a list that an editor or a tool has just begun to write. */
static void an_empty_file_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n", " \t \n\r\n\r",
		"\xef\xbb\xbf" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_refused(texts[i], "\"# nobody\"");
}

static void lines_may_end_as_on_any_system(void **state)
{
	static const char *const texts[] = {
		KEY_A " a\r" KEY_B " b\r" KEY_C "\r",
		"# clients\r" KEY_A " a\r" KEY_B " b\r" KEY_C,
		KEY_A " a\r" KEY_B " b\r\n" KEY_C "\r\n",
		KEY_A " a\r\r\n" KEY_B "\tb\t\n\r" KEY_C "\n",
		"\xef\xbb\xbf" KEY_A " a \r\n" KEY_B " b\r\n" KEY_C,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct authorized *list = load(texts[i]);

		assert_int_equal(authorized_count(list), 3);
		assert_string_equal(find(list, KEY_A), "a");
		assert_string_equal(find(list, KEY_B), "b");
		assert_string_equal(find(list, KEY_C), "");
		authorized_release(list);
	}
	assert_refused(KEY_A "\xc2\xa0name\n", "non-ASCII");
	assert_refused(KEY_A "\v" KEY_B "\n", "control character");
}

static void each_key_goes_by_its_name(void **state)
{
	struct authorized *list = load("# clients\n"
				       "\n" KEY_A " Alice and her cat\n"
				       "  " KEY_B "\t \tbob # not a remark\r\n"
				       "\t" KEY_C);

	(void)state;
	assert_int_equal(authorized_count(list), 3);
	assert_string_equal(find(list, KEY_A), "Alice and her cat");
	assert_string_equal(find(list, KEY_B), "bob # not a remark");
	assert_string_equal(find(list, KEY_C), "");
	authorized_release(list);
}

static void a_key_without_a_name_may_end_in_white_space(void **state)
{
	static const char *const texts[] = { KEY_A, KEY_A " ", KEY_A "\t\n",
		KEY_A "\r\n", KEY_A " \r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct authorized *list = load(texts[i]);

		assert_int_equal(authorized_count(list), 1);
		assert_string_equal(find(list, KEY_A), "");
		authorized_release(list);
	}
}

static void a_line_that_is_no_key_is_an_error_with_its_number(void **state)
{
	static const char *const lines[] = {
		"me " KEY_A,
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9= me",
		"x" KEY_A " me",
		KEY_A "me",
		KEY_A "# me",
		KEY_A KEY_B,
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me",
		"; " KEY_A,
		"\v",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s\n#\n\r\n%s\n%s\n", KEY_B,
			lines[i], KEY_C);
		assert_refused(text, "line 4");
		assert_refused(lines[i], "line 1");
	}
}

static void the_same_key_twice_is_an_error_with_both_numbers(void **state)
{
	(void)state;
	assert_refused(
		KEY_A " me\n#\n" KEY_B "\n" KEY_A " me\n", "lines 1 and 4");
	assert_refused(KEY_C "\n" KEY_C, "lines 1 and 2");
}

static void a_list_that_others_can_write_is_refused(void **state)
{
	struct authorized *list;
	const char *path = put_text("a", KEY_A, 0644);

	(void)state;
	assert_int_equal(authorized_load(path, &list, complaint), 0);
	authorized_release(list);
	assert_not_loaded(put_text("a", KEY_A, 0620), -EPERM);
	assert_not_loaded(put_text("a", KEY_A, 0602), -EPERM);
	assert_not_loaded(in_folder("none"), -ENOENT);
}

static void a_list_lives_as_long_as_somebody_has_it(void **state)
{
	struct authorized *list = load(KEY_A " me\n");

	(void)state;
	assert_ptr_equal(authorized_share(list), list);
	authorized_release(list);
	assert_string_equal(find(list, KEY_A), "me");
	authorized_release(list);
	assert_null(authorized_share(NULL));
	authorized_release(NULL);
}

/* Some keys, many of them alike but for one byte. */
static void draw_keys(uint8_t keys[][NOISE_KEY_BYTES], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i && dice_below(2))
			memcpy(keys[i], keys[dice_below(i)], NOISE_KEY_BYTES);
		else
			dice_bytes(keys[i], NOISE_KEY_BYTES);
		keys[i][dice_below(NOISE_KEY_BYTES)] = (uint8_t)dice_word();
		for (size_t j = 0; j < i; j++)
			if (key_equal(keys[i], keys[j])) {
				i--; /* once more */
				break;
			}
	}
}

static void who_is_listed_is_found_and_nobody_else(void **state)
{
	static uint8_t keys[KEYS_MAX][NOISE_KEY_BYTES];
	static char text[KEYS_MAX * 64];
	char key[KEY_TEXT_BYTES], name[16];

	(void)state;
	for (int run = 0; run < 20; run++) {
		size_t n = dice_below(KEYS_MAX / 2) + 1;
		struct authorized *list;
		size_t length = 0;

		/* The first half is listed, the second is not. */
		draw_keys(keys, 2 * n);
		for (size_t i = 0; i < n; i++)
			length += (size_t)snprintf(text + length,
				sizeof(text) - length, "%s %zu\n",
				key_format(keys[i], key), i);
		list = load(text);
		assert_int_equal(authorized_count(list), n);
		for (size_t i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "%zu", i);
			assert_string_equal(
				authorized_find(list, keys[i]), name);
			assert_null(authorized_find(list, keys[n + i]));
		}
		authorized_release(list);
	}
}

static int watch_list(struct files_watch *watch, const char *path, char **text)
{
	return files_read_watched(watch, path, FILES_GUARDED, text, complaint);
}

static void a_list_is_taken_once_it_has_stopped_changing(void **state)
{
	const char *path = put_text("list", KEY_A "\n", 0600);
	struct files_watch watch = { 0 };
	char *text = NULL;

	(void)state;
	assert_int_equal(watch_list(&watch, path, &text), 1);
	put_text("list", KEY_A "\n" KEY_B, 0600);
	assert_int_equal(watch_list(&watch, path, &text), 1);
	unlink(path);
	assert_int_equal(watch_list(&watch, path, &text), 1);
	put_text("list", "", 0600);
	assert_int_equal(watch_list(&watch, path, &text), 1);
	assert_null(text);
	put_text("list", KEY_A "\n" KEY_B "\n" KEY_C, 0600);
	assert_int_equal(watch_list(&watch, path, &text), 1);
	assert_int_equal(watch_list(&watch, path, &text), 0);
	assert_string_equal(text, KEY_A "\n" KEY_B "\n" KEY_C);
	files_free(text);
	text = NULL;
	put_text("list", KEY_A, 0600);
	watch.deadline_ns = 1;
	assert_int_equal(watch_list(&watch, path, &text), -ETIMEDOUT);
	assert_null(text);
	assert_non_null(strstr(complaint->text, "keeps changing"));
}

static int add(const char *path, const char *text, const char *name)
{
	uint8_t key[NOISE_KEY_BYTES];

	assert_int_equal(key_parse(text, strlen(text), key), 0);
	return authorized_add(path, key, name, 0, complaint);
}

static void a_client_is_added_as_a_line(void **state)
{
	static const char *const before[] = { "# mine", "# mine\n", "# mine\r",
		"# mine\r\n" };
	const char *path = in_folder("list");
	mode_t old = umask(027);

	(void)state;
	assert_int_equal(add(path, KEY_A, "Ada"), 0);
	assert_int_equal(mode_of(path), 0640);
	assert_string_equal(get_text(path), KEY_A " Ada\n");
	umask(old);
	for (size_t i = 0; i < COUNT_OF(before); i++) {
		struct authorized *list;

		put_text("list", before[i], 0604);
		assert_int_equal(add(path, KEY_A, "Ada  # B"), 0);
		assert_int_equal(add(path, KEY_B, "\xc3\xa4"), 0);
		assert_int_equal(mode_of(path), 0604);
		assert_memory_equal(get_text(path), before[i], 6);
		assert_int_equal(authorized_load(path, &list, complaint), 0);
		assert_int_equal(authorized_count(list), 2);
		assert_string_equal(find(list, KEY_A), "Ada  # B");
		assert_string_equal(find(list, KEY_B), "\xc3\xa4");
		authorized_release(list);
	}
}

static void what_cannot_be_added_changes_nothing(void **state)
{
	static const char *const names[] = { "", " a", "a ", "\t", "a\nb",
		"a\rb", "\x1b[1m" };
	const char *path = put_text("list", KEY_A " Ada\n", 0600);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(add(path, KEY_B, names[i]), -EINVAL);
	assert_int_equal(add(path, KEY_A, "Eve"), -EEXIST);
	assert_non_null(strstr(complaint->text, "\"Ada\""));
	assert_string_equal(get_text(path), KEY_A " Ada\n");
	path = put_text("list", KEY_A "\nnonsense\n", 0600);
	assert_int_equal(add(path, KEY_B, "bob"), -EINVAL);
	assert_non_null(strstr(complaint->text, "line 2"));
	assert_string_equal(get_text(path), KEY_A "\nnonsense\n");
	assert_int_equal(
		add(put_text("list", "", 0600), KEY_B, "bob"), -EINVAL);
	assert_string_equal(get_text(path), "");
}

enum { ADDING = 8, PATIENCE_MS = 30000 };

static void add_one(int number)
{
	uint8_t key[NOISE_KEY_BYTES] = { (uint8_t)number };

	if (authorized_add(in_folder("list"), key, "x", PATIENCE_MS, complaint))
		_exit(1);
}

static void all_who_add_at_once_are_on_the_list(void **state)
{
	pid_t children[ADDING];
	struct authorized *list;

	(void)state;
	for (int i = 0; i < ADDING; i++)
		children[i] = spawn(add_one, i);
	for (int i = 0; i < ADDING; i++)
		assert_int_equal(reap(children[i]), 0);
	assert_int_equal(
		authorized_load(in_folder("list"), &list, complaint), 0);
	assert_int_equal(authorized_count(list), ADDING);
	authorized_release(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(a_comment_alone_means_nobody),
		FOLDER_TEST(an_empty_file_is_refused),
		FOLDER_TEST(lines_may_end_as_on_any_system),
		FOLDER_TEST(each_key_goes_by_its_name),
		FOLDER_TEST(a_key_without_a_name_may_end_in_white_space),
		FOLDER_TEST(a_line_that_is_no_key_is_an_error_with_its_number),
		FOLDER_TEST(the_same_key_twice_is_an_error_with_both_numbers),
		FOLDER_TEST(a_list_that_others_can_write_is_refused),
		FOLDER_TEST(a_list_lives_as_long_as_somebody_has_it),
		FOLDER_TEST(a_list_is_taken_once_it_has_stopped_changing),
		FOLDER_TEST(a_client_is_added_as_a_line),
		FOLDER_TEST(what_cannot_be_added_changes_nothing),
		FOLDER_TEST(all_who_add_at_once_are_on_the_list),
		FOLDER_TEST(who_is_listed_is_found_and_nobody_else),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
