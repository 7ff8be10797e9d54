// SPDX-License-Identifier: MIT
#include "folder.h"

#include <locale.h>

#include "lib/trust.h"

enum { CHILDREN = 4, SERVERS = 6, PATIENCE_MS = 30000 };

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static uint8_t key_a[NOISE_KEY_BYTES], key_b[NOISE_KEY_BYTES];

static int set_up(void **state)
{
	return crypto_init() || dice_seed(state) ||
			       key_parse(KEY_A, strlen(KEY_A), key_a) ||
			       key_parse(KEY_B, strlen(KEY_B), key_b)
		       ? -1
		       : 0;
}

/* The first line that name is found in, with key_a; 0: it is not known; or
 * -errno. */
static int find(const char *name)
{
	struct trust_keys known = { 0 };
	char *text = NULL;
	int error = files_read(in_folder("k"), FILES_GUARDED, &text, complaint);

	if (!error)
		error = trust_read(
			in_folder("k"), text, name, &known, complaint);
	files_free(text);
	if (error || !known.count)
		return error == -ENOENT ? 0 : error;
	assert_memory_equal(known.keys[0].key, key_a, sizeof(key_a));
	return (int)known.keys[0].line;
}

static int find_in(const char *text, const char *name)
{
	put_text("k", text, 0600);
	return find(name);
}

static int add(const char *name, const uint8_t *key)
{
	return trust_add(in_folder("k"), name, key, PATIENCE_MS, complaint);
}

static void half_an_escape_is_none(void **state)
{
	(void)state;
	assert_int_equal(find_in("[a\\X7]:1 " KEY_A "\n", "[a\\x7]:1"), 1);
	assert_int_equal(find_in("[a\\X]:1 " KEY_A "\n", "[a\\x]:1"), 1);
	assert_int_equal(find_in("[a\\X7g]:1 " KEY_A "\n", "[a\\x7g]:1"), 1);
	/* A NUL would end the name. */
	assert_int_equal(find_in("[a\\X00]:1 " KEY_A "\n", "[a\\x00]:1"), 1);
	assert_int_equal(find_in("[a\\X00]:1 " KEY_A "\n", "[a]:1"), 0);
}

static void a_name_is_host_and_port_in_small_letters(void **state)
{
	char name[TRUST_NAME_BYTES], host[TRUST_NAME_BYTES + 1];

	(void)state;
	assert_int_equal(trust_name("Example.ORG", 1337, name), 0);
	assert_string_equal(name, "[example.org]:1337");
	assert_int_equal(trust_name("::1", 65535, name), 0);
	assert_string_equal(name, "[::1]:65535");
	assert_int_equal(trust_name("0:00::0:1", 1, name), 0);
	assert_string_equal(name, "[::1]:1");
	assert_int_equal(trust_name("FE80:0::A%eth0", 1, name), 0);
	assert_string_equal(name, "[fe80::a%eth0]:1");
	assert_int_equal(trust_name("a b\nc\td", 1, name), 0);
	assert_string_equal(name, "[a\\X20b\\X0ac\\X09d]:1");
	memset(host, 'x', sizeof(host));
	host[TRUST_NAME_BYTES - 7] = '\0'; /* "[…]:1337" and the NUL */
	assert_int_equal(trust_name(host, 1337, name), -ENAMETOOLONG);
	host[TRUST_NAME_BYTES - 8] = '\0';
	assert_int_equal(trust_name(host, 1337, name), 0);
	assert_int_equal(strlen(name), TRUST_NAME_BYTES - 1);
}

static void a_server_is_found_by_its_whole_name(void **state)
{
	(void)state;
	assert_int_equal(find("[a]:1"), 0); /* there is no file */
	assert_int_equal(find_in("", "[a]:1"), 0);
	assert_int_equal(find_in("[a]:1 " KEY_A "\n", "[a]:1"), 1);
	assert_int_equal(find("[a]:"), 0);
	assert_int_equal(find("[a]:10"), 0);
	assert_int_equal(find(""), 0);
	assert_int_equal(
		find_in("[b]:1 " KEY_B "\n[a]:1 " KEY_A "\n", "[a]:1"), 2);
	assert_int_equal(
		find_in("#[a]:1 " KEY_B "\n\n \n[a]:1\t " KEY_A, "[a]:1"), 4);
	assert_int_equal(
		find_in("[a]:1 " KEY_A "\r\n[b]:2 " KEY_A "\r\n", "[b]:2"), 2);
	assert_int_equal(find_in("[a]:1 " KEY_A " a remark\n", "[a]:1"), 1);
	assert_int_equal(
		find_in("[a]:1 " KEY_A "\n[a]:1 " KEY_B "\n", "[a]:1"), 1);
}

static void a_line_may_be_written_by_hand(void **state)
{
	static const char *const lines[] = {
		"[LocalHost]:7002 " KEY_A,
		" \t[localhost]:7002 " KEY_A,
		"[localhost]:7002\t \t" KEY_A "\t",
		"[LOCALHOST]:07002 " KEY_A " a remark\r",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		snprintf(text, sizeof(text), " # mine\n\r\n%s\n", lines[i]);
		assert_int_equal(find_in(text, "[localhost]:7002"), 3);
		assert_int_equal(add("[localhost]:7002", key_b), -EEXIST);
		assert_string_equal(get_text(in_folder("k")), text);
	}
}

/* Else the server it is about would count as unknown, and any key would do. */
static void a_line_that_is_not_understood_is_an_error_with_its_number(
	void **state)
{
	static const char *const lines[] = {
		"some nonsense",
		KEY_A,
		"a:1 " KEY_A,
		"[a]1 " KEY_A,
		"[a] 1 " KEY_A,
		"[a]: " KEY_A,
		"[a]:1x " KEY_A,
		"[a]:000001 " KEY_A,
		"[a b]:1 " KEY_A,
		"[]:1 " KEY_A,
		"[a]:1" KEY_A,
		"[a]:1",
		"[a]:1 ",
		"[a]:1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"[a]:1 x" KEY_A,
		"[a]:1 " KEY_A KEY_A,
		"[a]:1 # " KEY_A,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		char text[512];

		snprintf(text, sizeof(text), "[z]:1 %s\n\n%s\n[b]:1 %s\n",
			KEY_A, lines[i], KEY_A);
		assert_int_equal(find_in(text, "[a]:1"), -EINVAL);
		assert_non_null(strstr(complaint->text, "line 3"));
		assert_non_null(strstr(complaint->text, in_folder("k")));
		/* Who is known is known. */
		assert_int_equal(find("[b]:1"), 4);
		assert_int_equal(find("[z]:1"), 1);
		assert_int_equal(add("[c]:1", key_a), -EINVAL);
		assert_string_equal(get_text(in_folder("k")), text);
	}
}

/* Of those that a name could be made from, the ones that mean something. */
static void any_host_can_be_read_again_and_is_one(void **state)
{
	static const char alphabet[] = "aAbXx25_]:[\\ \t\n\r\v#%\x7f\xc2\xa0\"";
	char hosts[60][8], names[60][TRUST_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		size_t n = 1 + dice_below(sizeof(hosts[0]) - 1);

		for (size_t j = 0; j < n; j++)
			hosts[i][j] = alphabet[dice_below(
				(uint32_t)sizeof(alphabet) - 1)];
		hosts[i][n] = '\0';
		assert_int_equal(trust_name(hosts[i], 1, names[i]), 0);
		if (find(names[i]) == 0)
			assert_int_equal(add(names[i], key_a), 0);
		assert_true(find(names[i]) > 0);
		for (size_t j = 0; j < i; j++)
			assert_int_equal(!strcasecmp(hosts[i], hosts[j]),
				find(names[i]) == find(names[j]));
	}
}

static void names_written_by_earlier_versions_stay_what_they_were(void **state)
{
	static const char *const names[] = { "[a]b]:1", "[fe80::1%eth\\x20]:1",
		"[a_b]:1", "[b\303\274cher]:1", "[\\]:1", "[a\\x]:1" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char text[256];

		snprintf(text, sizeof(text), "%s " KEY_A "\n", names[i]);
		assert_int_equal(find_in(text, names[i]), 1);
	}
}

/* Where a small I has no dot that is lost, "TIME" is not "time". */
static void letters_are_the_same_in_every_locale(void **state)
{
	char name[TRUST_NAME_BYTES];

	(void)state;
	/* Many machines have none of these; a name must not care. */
	if (!setlocale(LC_ALL, "tr_TR.UTF-8") && !setlocale(LC_ALL, "tr_TR"))
		setlocale(LC_ALL, "");
	assert_int_equal(trust_name("IRIX.\xdd", 1, name), 0);
	setlocale(LC_ALL, "C");
	assert_string_equal(name, "[irix.\xdd]:1");
}

static void lines_may_end_as_on_any_system(void **state)
{
	(void)state;
	assert_int_equal(
		find_in("[b]:1 " KEY_A "\r[a]:1 " KEY_A "\r", "[a]:1"), 2);
	assert_int_equal(find_in("# x\r[a]:1 " KEY_A, "[a]:1"), 2);
	assert_int_equal(
		find_in("\xef\xbb\xbf[a]:1 " KEY_A "  \r\n", "[a]:1"), 1);
	assert_int_equal(find_in("[b]:1 " KEY_A "\r", "[a]:1"), 0);
	assert_int_equal(add("[a]:1", key_a), 0);
	assert_int_equal(find("[a]:1"), 2);
	assert_int_equal(find_in("[a]:1\xc2\xa0" KEY_A "\n", "[a]:1"), -EINVAL);
	assert_non_null(strstr(complaint->text, "non-ASCII"));
	assert_int_equal(find_in("[a]:1 " KEY_A "\v\n", "[a]:1"), -EINVAL);
	assert_non_null(strstr(complaint->text, "control character"));
}

static void what_is_added_is_found(void **state)
{
	(void)state;
	assert_int_equal(
		trust_add(in_folder("x/y/k"), "[a]:1", key_a, 0, complaint), 0);
	assert_int_equal(mode_of(in_folder("x")), 0700);
	assert_string_equal(get_text(in_folder("x/y/k")), "[a]:1 " KEY_A "\n");
	assert_int_equal(mode_of(in_folder("x/y/k")), 0600);
	put_text("k", "# mine\n[b]:1 " KEY_B, 0600); /* no end of line */
	assert_int_equal(add("[a]:1", key_a), 0);
	assert_int_equal(find("[a]:1"), 3);
	assert_int_equal(add("[a]:2", key_a), 0);
	assert_string_equal(get_text(in_folder("k")),
		"# mine\n[b]:1 " KEY_B "\n[a]:1 " KEY_A "\n[a]:2 " KEY_A "\n");
}

static void a_known_key_is_added_once_and_another_never(void **state)
{
	struct stat before, after;
	const char *text = "# mine\n[a]:1 " KEY_A "\r\n#end";

	(void)state;
	put_text("k", text, 0600);
	assert_int_equal(stat(in_folder("k"), &before), 0);
	assert_int_equal(add("[a]:1", key_a), 0);
	assert_int_equal(add("[a]:1", key_b), -EEXIST);
	assert_non_null(strstr(complaint->text, "line 2"));
	assert_string_equal(get_text(in_folder("k")), text);
	assert_int_equal(stat(in_folder("k"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino); /* not even rewritten */
}

static void nothing_is_added_behind_a_NUL(void **state)
{
	static const char bytes[] = "[a]:1 " KEY_A "\n\0[b]:1 " KEY_A "\n";
	char kept[sizeof(bytes)];
	int fd;

	(void)state;
	put_bytes("k", bytes, sizeof(bytes), 0600);
	assert_int_equal(find("[a]:1"), -EINVAL);
	assert_int_equal(add("[c]:1", key_a), -EINVAL);
	fd = open(in_folder("k"), O_RDONLY);
	assert_int_equal(read(fd, kept, sizeof(kept)), sizeof(bytes));
	assert_memory_equal(kept, bytes, sizeof(bytes));
	close(fd);
}

static void a_link_stays_and_what_it_leads_to_is_added_to(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("x"), 0700), 0);
	put_text("x/real", "", 0600);
	assert_int_equal(symlink("x/real", in_folder("k")), 0);
	assert_int_equal(add("[a]:1", key_a), 0);
	assert_string_equal(get_text(in_folder("x/real")), "[a]:1 " KEY_A "\n");
	assert_int_equal(access(in_folder("x/real.lock"), F_OK), 0);
	assert_int_equal(unlink(in_folder("k")), 0);
	assert_int_equal(folder_count(), 1);
}

static void a_lock_is_waited_for_no_longer_than_wished(void **state)
{
	int lock = files_lock(in_folder("k"), 0, complaint);

	(void)state;
	assert_true(lock >= 0);
	assert_int_equal(
		trust_add(in_folder("k"), "[a]:1", key_a, 1, complaint),
		-ETIMEDOUT);
	assert_non_null(strstr(complaint->text, "lock"));
	close(lock);
}

static void a_file_that_others_can_write_is_not_believed(void **state)
{
	static const char text[] = "[a]:1 " KEY_A "\n";
	struct trust_keys known = { 0 };

	(void)state;
	put_text("k", text, 0644);
	assert_int_equal(find("[a]:1"), 1);
	put_text("k", text, 0620);
	assert_int_equal(
		trust_find(in_folder("k"), "[a]:1", &known, complaint), -EPERM);
	assert_int_equal(find("[a]:1"), -EPERM);
	assert_int_equal(add("[b]:1", key_a), -EPERM);
	put_text("k", text, 0602);
	assert_int_equal(find("[a]:1"), -EPERM);
	assert_int_equal(add("[b]:1", key_a), -EPERM);
	assert_string_equal(get_text(in_folder("k")), text);
}

static void server_name(int child, int i, char name[static TRUST_NAME_BYTES])
{
	snprintf(name, TRUST_NAME_BYTES, "[host-%d]:%d", child, i);
}

static void add_some(int child)
{
	char name[TRUST_NAME_BYTES];

	for (int i = 1; i <= SERVERS; i++) {
		server_name(child, i, name);
		if (add(name, key_a))
			_exit(1);
	}
}

static void several_may_add_at_once_and_no_line_is_lost(void **state)
{
	char name[TRUST_NAME_BYTES];
	pid_t children[CHILDREN];

	(void)state;
	for (int i = 0; i < CHILDREN; i++)
		children[i] = spawn(add_some, i);
	for (int i = 0; i < CHILDREN; i++)
		assert_int_equal(reap(children[i]), 0);
	for (int child = 0; child < CHILDREN; child++)
		for (int i = 1; i <= SERVERS; i++) {
			server_name(child, i, name);
			assert_in_range(find(name), 1, CHILDREN * SERVERS);
		}
}

static void all_lines_about_a_server_count(void **state)
{
	static const char own[] = "[b]:1 " KEY_B "\n[a]:1 " KEY_A "\n"
				  "nonsense\n[A]:01 " KEY_B "\n";
	static const char shared[] = "\n[a]:1 " KEY_B "\n";
	struct trust_keys known = { 0 };
	const char *one = in_folder("k"), *two = in_folder("l");

	(void)state;
	put_text("k", own, 0600);
	put_text("l", shared, 0644);
	assert_false(trust_has(&known, key_a));
	assert_int_equal(trust_find(one, "[a]:1", &known, complaint), 0);
	assert_int_equal(known.count, 2);
	assert_true(trust_has(&known, key_a));
	assert_true(trust_has(&known, key_b));
	assert_int_equal(trust_find(two, "[a]:1", &known, complaint), 0);
	assert_int_equal(known.count, 3);
	assert_int_equal(known.keys[0].line, 2);
	assert_int_equal(known.keys[1].line, 4);
	assert_int_equal(known.keys[2].line, 2);
	assert_string_equal(known.keys[1].path, one);
	assert_string_equal(known.keys[2].path, two);
	/* None of them is new, and no other is added to them. */
	assert_int_equal(add("[a]:1", key_b), 0);
	put_text("k", "[a]:1 " KEY_A "\n[a]:1 " KEY_A "\n", 0600);
	assert_int_equal(add("[a]:1", key_b), -EEXIST);
	assert_non_null(strstr(complaint->text, "line 1"));
}

static void more_keys_than_a_server_may_have_are_an_error(void **state)
{
	char text[(TRUST_KEYS_MAX + 1) * 64] = "";
	struct trust_keys known = { 0 };

	(void)state;
	for (int i = 0; i < TRUST_KEYS_MAX; i++)
		strcat(text, "[a]:1 " KEY_A "\n");
	put_text("k", text, 0600);
	assert_int_equal(
		trust_find(in_folder("k"), "[a]:1", &known, complaint), 0);
	assert_int_equal(known.count, TRUST_KEYS_MAX);
	strcat(text, "[a]:1 " KEY_A "\n");
	put_text("k", text, 0600);
	known.count = 0;
	assert_int_equal(
		trust_find(in_folder("k"), "[a]:1", &known, complaint), -E2BIG);
	assert_non_null(strstr(complaint->text, "line 17"));
}

static int forget(const char *name)
{
	return trust_forget(in_folder("k"), name, PATIENCE_MS, complaint);
}

static void what_is_forgotten_goes_and_all_else_stays(void **state)
{
	static const char text[] = "# mine\r\n[a]:1 " KEY_A " x\r\n"
				   "nonsense\r [A]:01 " KEY_B "\n\n"
				   "#[a]:1 " KEY_A "\n[a]:10 " KEY_A "\n"
				   "[a]:1 " KEY_B;

	(void)state;
	assert_int_equal(forget("[a]:1"), 0);
	assert_int_equal(folder_count(), 0); /* no lock of nothing */
	put_text("k", text, 0640);
	assert_int_equal(forget("[b]:1"), 0);
	assert_string_equal(get_text(in_folder("k")), text);
	assert_int_equal(forget("[a]:1"), 3);
	assert_string_equal(get_text(in_folder("k")),
		"# mine\r\nnonsense\r\n#[a]:1 " KEY_A "\n[a]:10 " KEY_A "\n");
	assert_int_equal(mode_of(in_folder("k")), 0640);
	assert_int_equal(forget("[a]:1"), 0);
	put_text("k", "[a]:1 " KEY_A, 0600);
	assert_int_equal(forget("[a]:1"), 1);
	assert_string_equal(get_text(in_folder("k")), "");
}

static void what_is_forgotten_is_looked_for_behind_a_link(void **state)
{
	struct stat status;

	(void)state;
	put_text("real", "[a]:1 " KEY_A "\n[b]:1 " KEY_A "\n", 0600);
	assert_int_equal(symlink("real", in_folder("k")), 0);
	assert_int_equal(forget("[a]:1"), 1);
	assert_string_equal(get_text(in_folder("real")), "[b]:1 " KEY_A "\n");
	assert_int_equal(lstat(in_folder("k"), &status), 0);
	assert_true(S_ISLNK(status.st_mode));
}

/* Until it is killed. */
static void write_on(int number)
{
	int fd = open(in_folder("k"), O_WRONLY | O_APPEND);

	(void)number;
	for (int i = 0;; i++) {
		if (write(fd, "# on\n", 5) != 5)
			_exit(1);
		if (i == 400 && write(fd, "[me]:1 " KEY_A "\n", 52) != 52)
			_exit(1);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

static void a_name_in_a_half_written_file_is_not_unknown(void **state)
{
	struct trust_keys known = { 0 };

	(void)state;
	/* A slow machine may take too long: then once more. */
	for (int attempt = 0; !known.count && attempt < 20; attempt++) {
		pid_t child;

		put_text("k", "# half\n", 0600);
		child = spawn(write_on, 0);
		(void)!trust_find(in_folder("k"), "[me]:1", &known, complaint);
		kill(child, SIGKILL);
		reap(child);
	}
	assert_int_equal(known.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(a_name_is_host_and_port_in_small_letters),
		FOLDER_TEST(half_an_escape_is_none),
		FOLDER_TEST(a_server_is_found_by_its_whole_name),
		FOLDER_TEST(a_line_may_be_written_by_hand),
		FOLDER_TEST(
			a_line_that_is_not_understood_is_an_error_with_its_number),
		FOLDER_TEST(any_host_can_be_read_again_and_is_one),
		FOLDER_TEST(
			names_written_by_earlier_versions_stay_what_they_were),
		FOLDER_TEST(letters_are_the_same_in_every_locale),
		FOLDER_TEST(lines_may_end_as_on_any_system),
		FOLDER_TEST(what_is_added_is_found),
		FOLDER_TEST(a_known_key_is_added_once_and_another_never),
		FOLDER_TEST(nothing_is_added_behind_a_NUL),
		FOLDER_TEST(a_link_stays_and_what_it_leads_to_is_added_to),
		FOLDER_TEST(a_lock_is_waited_for_no_longer_than_wished),
		FOLDER_TEST(a_file_that_others_can_write_is_not_believed),
		FOLDER_TEST(all_lines_about_a_server_count),
		FOLDER_TEST(more_keys_than_a_server_may_have_are_an_error),
		FOLDER_TEST(what_is_forgotten_goes_and_all_else_stays),
		FOLDER_TEST(what_is_forgotten_is_looked_for_behind_a_link),
		FOLDER_TEST(several_may_add_at_once_and_no_line_is_lost),
		FOLDER_TEST(a_name_in_a_half_written_file_is_not_unknown),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
