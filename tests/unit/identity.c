// SPDX-License-Identifier: MIT
#include "folder.h"

#include "lib/identity.h"

enum { CHILDREN = 8 };

/* Secret 0, 1, 2 … 31. */
#define KNOWN "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void assert_known(const struct noise_identity *identity)
{
	struct noise_identity expected;

	for (int i = 0; i < NOISE_KEY_BYTES; i++)
		expected.secret[i] = (uint8_t)i;
	noise_identity_finish(&expected);
	assert_memory_equal(identity, &expected, sizeof(expected));
}

static void an_identity_is_one_line_of_base64(void **state)
{
	static const char *const texts[] = { KNOWN "\n", KNOWN, KNOWN "\n\n",
		KNOWN "\r\n", KNOWN "\r", KNOWN " \t\n", "\n " KNOWN "\n",
		"\xef\xbb\xbf" KNOWN "\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct noise_identity *identity;

		assert_int_equal(identity_load(put_text("a", texts[i], 0600),
					 &identity, complaint),
			0);
		assert_known(identity);
		key_identity_free(identity);
	}
}

static void assert_refused(const char *path, int expected)
{
	struct noise_identity *identity = NULL;

	*complaint->text = '\0';
	assert_int_equal(identity_load(path, &identity, complaint), expected);
	assert_null(identity);
	assert_non_null(strstr(complaint->text, path));
	/* Nothing of what may be a secret is repeated. */
	assert_null(strstr(complaint->text, "AAECAwQF"));
}

static void anything_else_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		KNOWN "\n" KNOWN "\n",
		KNOWN "\r" KNOWN "\n",
		KNOWN "\v\n",
		KNOWN " name\n",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
		"-----BEGIN PRIVATE KEY-----\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_refused(put_text("a", texts[i], 0600), -EINVAL);
}

static void it_must_be_for_its_owner_only(void **state)
{
	(void)state;
	assert_refused(put_text("a", KNOWN "\n", 0660), -EPERM);
	assert_refused(put_text("a", KNOWN "\n", 0604), -EPERM);
	assert_refused(in_folder("none"), -ENOENT);
}

static void what_is_made_is_what_is_loaded(void **state)
{
	struct noise_identity *made, *loaded, *other;
	const char *path = in_folder("a");
	mode_t old = umask(0);
	const char *text;

	(void)state;
	assert_int_equal(identity_make(path, &made, complaint), 0);
	assert_int_equal(mode_of(path), 0600);
	text = get_text(path);
	assert_int_equal(strlen(text), KEY_TEXT_BYTES);
	assert_int_equal(text[KEY_TEXT_BYTES - 1], '\n');
	assert_int_equal(identity_load(path, &loaded, complaint), 0);
	assert_memory_equal(loaded, made, sizeof(*made));
	other = identity_draw();
	assert_non_null(other);
	assert_false(key_equal(other->secret, made->secret));
	assert_false(key_equal(other->public, made->public));
	key_identity_free(made);
	key_identity_free(loaded);
	key_identity_free(other);
	umask(old);
}

static void what_is_there_is_never_overwritten(void **state)
{
	static const char *const texts[] = { "", KNOWN "\n", "precious" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct noise_identity *made = NULL;
		const char *path = put_text("a", texts[i], 0600);

		assert_int_equal(
			identity_make(path, &made, complaint), -EEXIST);
		assert_null(made);
		assert_string_equal(get_text(path), texts[i]);
		assert_non_null(strstr(complaint->text, path));
		/* A file that holds no key is not mended by a new one. */
		if (i != 1)
			assert_int_equal(
				identity_obtain(path, &made, complaint),
				-EINVAL);
		assert_string_equal(get_text(path), texts[i]);
	}
}

static void it_is_made_at_first_use_and_found_at_the_next(void **state)
{
	struct noise_identity *first, *second;
	const char *path = in_folder("x/y/key");

	(void)state;
	assert_int_equal(identity_obtain(path, &first, complaint), 0);
	assert_int_equal(mode_of(in_folder("x")), 0700);
	assert_int_equal(mode_of(in_folder("x/y")), 0700);
	assert_int_equal(identity_obtain(path, &second, complaint), 0);
	assert_memory_equal(first, second, sizeof(*first));
	key_identity_free(first);
	key_identity_free(second);
}

static void where_none_can_be_made_there_are_words(void **state)
{
	struct noise_identity *made = NULL;
	const char *path = in_folder("file/key");

	(void)state;
	put_text("file", "", 0600);
	assert_int_equal(identity_obtain(path, &made, complaint), -ENOTDIR);
	assert_non_null(strstr(complaint->text, path));
	path = in_folder("no/key");
	assert_int_equal(identity_make(path, &made, complaint), -ENOENT);
	assert_non_null(strstr(complaint->text, path));
	assert_null(made);
}

static int go[2]; /* a pipe: its end is the signal */

/* Obtains it when all do, and says whose public key it got. */
static void obtain_at_once(int number)
{
	struct noise_identity *identity;
	char name[16], text[KEY_TEXT_BYTES];

	close(go[1]);
	if (read(go[0], name, 1) ||
		identity_obtain(in_folder("x/key"), &identity, complaint))
		_exit(1);
	snprintf(name, sizeof(name), "%d", number);
	put_text(name, key_format(identity->public, text), 0600);
	key_identity_free(identity);
}

static void all_who_start_at_once_get_the_same(void **state)
{
	pid_t children[CHILDREN];
	char first[KEY_TEXT_BYTES], name[16];

	(void)state;
	for (int run = 0; run < 10; run++) {
		assert_int_equal(pipe(go), 0);
		for (int i = 0; i < CHILDREN; i++)
			children[i] = spawn(obtain_at_once, i);
		close(go[0]);
		close(go[1]);
		for (int i = 0; i < CHILDREN; i++)
			assert_int_equal(reap(children[i]), 0);
		memcpy(first, get_text(in_folder("0")), sizeof(first));
		for (int i = 1; i < CHILDREN; i++) {
			snprintf(name, sizeof(name), "%d", i);
			assert_string_equal(get_text(in_folder(name)), first);
		}
		folder_empty(folder);
	}
}

static void the_default_place_follows_the_environment(void **state)
{
	static char path[PATHS_BYTES];
	char folders[128];

	(void)state;
	setenv("HOME", "/home/me", 1);
	unsetenv("STATE_DIRECTORY");
	unsetenv("XDG_STATE_HOME");
	assert_int_equal(identity_default("k", path), 0);
	assert_string_equal(path, "/home/me/.local/state/smx/k");
	setenv("XDG_STATE_HOME", "/xdg", 1);
	assert_int_equal(identity_default("k", path), 0);
	assert_string_equal(path, "/xdg/smx/k");
	setenv("STATE_DIRECTORY", "/var/lib/smx:/var/lib/other", 1);
	assert_int_equal(identity_default("k", path), 0);
	assert_string_equal(path, "/var/lib/smx/k");
	put_text("k", "", 0600);
	snprintf(folders, sizeof(folders), "/var/lib/none:%s", folder);
	setenv("STATE_DIRECTORY", folders, 1);
	assert_int_equal(identity_default("k", path), 0);
	assert_string_equal(path, in_folder("k"));
	setenv("STATE_DIRECTORY", "/elsewhere", 1);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_int_equal(identity_default("k", path), 0);
	assert_string_equal(path, in_folder("k"));
	assert_int_equal(identity_default("other", path), 0);
	assert_string_equal(path, "/elsewhere/other");
	unsetenv("CREDENTIALS_DIRECTORY");
	setenv("STATE_DIRECTORY", "", 1);
	assert_int_equal(identity_default("k", path), 0);
	assert_string_equal(path, "/xdg/smx/k");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(an_identity_is_one_line_of_base64),
		FOLDER_TEST(anything_else_is_none),
		FOLDER_TEST(it_must_be_for_its_owner_only),
		FOLDER_TEST(what_is_made_is_what_is_loaded),
		FOLDER_TEST(what_is_there_is_never_overwritten),
		FOLDER_TEST(it_is_made_at_first_use_and_found_at_the_next),
		FOLDER_TEST(where_none_can_be_made_there_are_words),
		FOLDER_TEST(all_who_start_at_once_get_the_same),
		FOLDER_TEST(the_default_place_follows_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
