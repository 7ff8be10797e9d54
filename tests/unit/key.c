// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "crypto/key.h"
#include "crypto/random.h"

enum { CHARACTERS = KEY_TEXT_BYTES - 1 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* 0, 1, 2 … 31, as coreutils' base64 has it. */
static const char known[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

static bool cannot_protect; /* mprotect(2) fails */

/* In place of the system's, for libsodium too. */
__attribute__((visibility("default"))) int mprotect(
	void *address, size_t n, int protection)
{
	if (!cannot_protect)
		return (int)syscall(SYS_mprotect, address, n, protection);
	errno = ENOMEM;
	return -1;
}

static int set_up(void **state)
{
	return crypto_init() ? -1 : dice_seed(state);
}

/* Refused, and the key is what it was. The text ends where its memory does. */
static void assert_refused(const char *text, size_t n)
{
	uint8_t key[NOISE_KEY_BYTES], before[NOISE_KEY_BYTES];
	char *copy = malloc(n + 1);

	assert_non_null(copy);
	memcpy(copy + 1, text, n);
	memset(key, 0x5a, sizeof(key));
	memcpy(before, key, sizeof(key));
	assert_int_equal(key_parse(copy + 1, n, key), -EINVAL);
	assert_memory_equal(key, before, sizeof(key));
	free(copy);
}

static void a_key_is_its_base64(void **state)
{
	uint8_t key[NOISE_KEY_BYTES], parsed[NOISE_KEY_BYTES];
	char text[KEY_TEXT_BYTES];

	(void)state;
	for (int i = 0; i < NOISE_KEY_BYTES; i++)
		key[i] = (uint8_t)i;
	assert_ptr_equal(key_format(key, text), text);
	assert_string_equal(text, known);
	assert_int_equal(key_parse(known, CHARACTERS, parsed), 0);
	assert_memory_equal(parsed, key, sizeof(key));
}

static void any_key_comes_back_from_its_text(void **state)
{
	uint8_t key[NOISE_KEY_BYTES], parsed[NOISE_KEY_BYTES];
	char text[KEY_TEXT_BYTES];

	(void)state;
	for (int run = 0; run < 10000; run++) {
		dice_bytes(key, sizeof(key));
		key_format(key, text);
		assert_int_equal(strlen(text), CHARACTERS);
		assert_int_equal(key_parse(text, CHARACTERS, parsed), 0);
		assert_memory_equal(parsed, key, sizeof(key));
	}
}

static void no_other_length_is_a_key(void **state)
{
	char text[3 * CHARACTERS];

	(void)state;
	memset(text, 'A', sizeof(text));
	for (size_t n = 0; n <= sizeof(text); n++)
		assert_refused(text, n); /* 44 of them are 33 bytes */
	for (size_t n = 0; n < CHARACTERS; n++)
		assert_refused(known, n);
	memcpy(text, known, CHARACTERS);
	for (size_t n = CHARACTERS + 1; n <= sizeof(text); n++)
		assert_refused(text, n);
}

/* Is this byte at this place of a key's text right, whatever the others? */
static bool fits(int place, int c)
{
	const char *found = c ? strchr(alphabet, c) : NULL;

	if (place == CHARACTERS - 1)
		return c == '=';
	/* 42 characters are 252 bits: the next has 4, and two that are 0. */
	if (place == CHARACTERS - 2)
		return found && (found - alphabet) % 4 == 0;
	return found;
}

static void each_byte_at_each_place_is_judged(void **state)
{
	uint8_t key[NOISE_KEY_BYTES];
	char text[KEY_TEXT_BYTES], again[KEY_TEXT_BYTES];

	(void)state;
	for (int place = 0; place < CHARACTERS; place++)
		for (int c = 0; c < 256; c++) {
			memcpy(text, known, sizeof(text));
			text[place] = (char)c;
			if (!fits(place, c)) {
				assert_refused(text, CHARACTERS);
				continue;
			}
			assert_int_equal(key_parse(text, CHARACTERS, key), 0);
			/* One key has one text only. */
			assert_string_equal(key_format(key, again), text);
		}
}

static void what_only_looks_like_a_key_is_refused(void **state)
{
	static const char *const texts[] = {
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",    /* bare */
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", /* a line */
		" AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh==", /* 31 */
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
		"__________________________________________8=", /* URL-safe */
		"-----------------------------------------AA=",
		"000102030405060708090a0b0c0d0e0f1011121314151617",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_refused(texts[i], strlen(texts[i]));
}

static void keys_that_differ_in_one_bit_are_not_equal(void **state)
{
	uint8_t a[NOISE_KEY_BYTES], b[NOISE_KEY_BYTES];

	(void)state;
	dice_bytes(a, sizeof(a));
	memcpy(b, a, sizeof(b));
	assert_true(key_equal(a, b));
	for (int bit = 0; bit < NOISE_KEY_BYTES * 8; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(key_equal(a, b));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* RFC 7748, 5.2: the first iteration, in which the scalar is the base too. */
static void the_public_key_is_the_published_one(void **state)
{
	/* clang-format off */
	static const uint8_t of_nine[NOISE_KEY_BYTES] = {
		0x42, 0x2c, 0x8e, 0x7a, 0x62, 0x27, 0xd7, 0xbc,
		0xa1, 0x35, 0x0b, 0x3e, 0x2b, 0xb7, 0x27, 0x9f,
		0x78, 0x97, 0xb8, 0x7b, 0xb6, 0x85, 0x4b, 0x78,
		0x3c, 0x60, 0xe8, 0x03, 0x11, 0xae, 0x30, 0x79 };
	/* clang-format on */
	static const uint8_t nine[NOISE_KEY_BYTES] = { 9 };
	struct noise_identity *pair = key_identity_new();

	(void)state;
	assert_non_null(pair);
	memcpy(pair->secret, nine, sizeof(nine));
	noise_identity_finish(pair);
	assert_memory_equal(pair->secret, nine, sizeof(nine));
	assert_memory_equal(pair->public, of_nine, sizeof(of_nine));
	key_identity_free(pair);
	key_identity_free(NULL);
}

static void write_first(struct noise_identity *pair)
{
	*(volatile uint8_t *)pair->secret = 1;
}

static void read_behind(struct noise_identity *pair)
{
	(void)*(volatile uint8_t *)(pair + 1);
}

static void read_last(struct noise_identity *pair)
{
	(void)((volatile uint8_t *)pair->public)[NOISE_KEY_BYTES - 1];
}

/* Does a process survive that? */
static bool survives(
	void (*act)(struct noise_identity *), struct noise_identity *pair)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		os_forbid_dumps();
		fclose(stderr); /* a sanitizer would have much to say */
		signal(SIGSEGV, SIG_DFL); /* not back into the tests */
		act(pair);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void a_sealed_pair_can_be_read_and_nothing_else(void **state)
{
	struct noise_identity *pair = key_identity_new();

	(void)state;
	assert_non_null(pair);
	memset(pair, 0, sizeof(*pair));
	assert_true(survives(write_first, pair));
	key_identity_seal(pair);
	assert_true(survives(read_last, pair));
	assert_false(survives(write_first, pair));
	assert_false(survives(read_behind, pair));
	key_identity_free(pair);
}

/* Sealed or not, and whatever its guards are: that is no reason to crash. */
static void a_pair_can_be_freed_if_its_pages_cannot_be_changed(void **state)
{
	(void)state;
	for (int sealed = 0; sealed < 2; sealed++) {
		struct noise_identity *pair = key_identity_new();

		assert_non_null(pair);
		memset(pair, 0x5a, sizeof(*pair));
		if (sealed)
			key_identity_seal(pair);
		cannot_protect = true;
		key_identity_free(pair);
		cannot_protect = false;
	}
	cannot_protect = true;
	key_identity_free(NULL);
	cannot_protect = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_its_base64),
		cmocka_unit_test(any_key_comes_back_from_its_text),
		cmocka_unit_test(no_other_length_is_a_key),
		cmocka_unit_test(each_byte_at_each_place_is_judged),
		cmocka_unit_test(what_only_looks_like_a_key_is_refused),
		cmocka_unit_test(keys_that_differ_in_one_bit_are_not_equal),
		cmocka_unit_test(the_public_key_is_the_published_one),
		cmocka_unit_test(a_sealed_pair_can_be_read_and_nothing_else),
		cmocka_unit_test(
			a_pair_can_be_freed_if_its_pages_cannot_be_changed),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
