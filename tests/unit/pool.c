// SPDX-License-Identifier: MIT
#include "helper.h"

#include <stdalign.h>
#include <unistd.h>

#include "base/pool.h"

static bool is_zero(const uint8_t *bytes, size_t n)
{
	while (n && !*bytes)
		bytes++, n--;
	return !n;
}

static void no_more_is_lent_than_the_limit(void **state)
{
	struct pool p;
	void *objects[10];

	(void)state;
	pool_init(&p, 24, 10);
	for (size_t i = 0; i < 10; i++) {
		objects[i] = pool_take(&p);
		assert_non_null(objects[i]);
		assert_int_equal(p.lent, i + 1);
	}
	assert_null(pool_take(&p));
	pool_give(&p, objects[3]);
	assert_ptr_equal(pool_take(&p), objects[3]);
	assert_null(pool_take(&p));
	pool_wipe(&p);
}

static void an_empty_pool_lends_nothing(void **state)
{
	struct pool p = { 0 };

	(void)state;
	assert_null(pool_take(&p));
	pool_init(&p, 8, 0);
	assert_null(pool_take(&p));
	pool_give(&p, NULL);
	pool_wipe(&p);
	pool_wipe(&p);
	assert_null(pool_take(&p));
}

static void what_comes_back_is_wiped(void **state)
{
	struct pool p;
	uint8_t *object;

	(void)state;
	pool_init(&p, 200, 1);
	object = pool_take(&p);
	memset(object, 0xee, 200);
	pool_give(&p, object);
	/* All but the link that the pool keeps there. */
	assert_true(is_zero(object + sizeof(void *), 200 - sizeof(void *)));
	assert_ptr_equal(pool_take(&p), object);
	assert_true(is_zero(object, 200));
	pool_wipe(&p);
}

static void an_object_has_room_for_its_size(void **state)
{
	static const size_t sizes[] = { 1, 7, 8, 9, 16, 100, 4096, 32760, 32768,
		100000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct pool p;

		pool_init(&p, sizes[i], 100);
		for (int n = 0; n < 100; n++) {
			uint8_t *object = pool_take(&p);

			assert_non_null(object);
			assert_int_equal((uintptr_t)object % 8, 0);
			if (sizes[i] % alignof(max_align_t) == 0)
				assert_int_equal((uintptr_t)object %
							 alignof(max_align_t),
					0);
			assert_true(is_zero(object, sizes[i]));
			memset(object, 0xee, sizes[i]);
		}
		pool_wipe(&p);
	}
}

static void a_slab_that_was_full_has_room_again(void **state)
{
	struct pool p;

	(void)state;
	for (size_t size = 16000; size < 300000; size *= 4) {
		void *objects[20];

		pool_init(&p, size, 20);
		for (int run = 0; run < 1000; run++) {
			size_t n = 1 + dice_below(20);

			for (size_t i = 0; i < n; i++) {
				objects[i] = pool_take(&p);
				assert_non_null(objects[i]);
			}
			while (n)
				pool_give(&p, objects[--n]);
		}
		pool_wipe(&p);
	}
}

static void objects_never_overlap(void **state)
{
	enum { OBJECTS = 500 };
	uint64_t *lent[OBJECTS] = { 0 };
	uint64_t marks[OBJECTS];
	struct pool p;

	(void)state;
	pool_init(&p, 5 * sizeof(uint64_t), OBJECTS);
	for (int run = 0; run < 200000; run++) {
		size_t i = dice_below(OBJECTS);

		if (lent[i]) {
			for (int k = 0; k < 5; k++)
				assert_int_equal(lent[i][k], marks[i]);
			pool_give(&p, lent[i]);
			lent[i] = NULL;
			continue;
		}
		lent[i] = pool_take(&p);
		assert_non_null(lent[i]);
		assert_true(is_zero((uint8_t *)lent[i], 5 * sizeof(uint64_t)));
		marks[i] = dice_word();
		for (int k = 0; k < 5; k++)
			lent[i][k] = marks[i];
	}
	pool_wipe(&p);
}

/* Of all memory that was ever used, a sanitizer keeps a record. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_RECORDED = true };
#else
enum { IS_RECORDED = false };
#endif

/* Bytes of memory that this process has. */
static size_t resident(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
	fclose(file);
	return pages * 4096;
}

static void what_a_flood_took_is_given_back(void **state)
{
	enum { OBJECTS = 40000, SIZE = 1000, KEPT = 5 };
	static void *lent[OBJECTS];
	size_t before;
	struct pool p;

	(void)state;
	if (access("/proc/self/statm", R_OK))
		skip();
	pool_init(&p, SIZE, OBJECTS);
	for (int i = 0; i < KEPT; i++)
		lent[i] = pool_take(&p);
	before = resident();
	for (int i = KEPT; i < OBJECTS; i++) {
		lent[i] = pool_take(&p);
		assert_non_null(lent[i]);
		memset(lent[i], 0xee, SIZE);
	}
	assert_true(resident() > before + 38000000);
	/* In any order. */
	for (int left = OBJECTS - KEPT; left; left--) {
		size_t i = KEPT + dice_below((size_t)left);

		pool_give(&p, lent[i]);
		lent[i] = lent[KEPT + left - 1];
	}
	/* Of 39 MB; the array is new as well, and the kernel counts roughly. */
	if (!IS_RECORDED)
		assert_true(resident() < before + 2000000);
	assert_int_equal(p.lent, KEPT);
	pool_wipe(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_is_lent_than_the_limit),
		cmocka_unit_test(an_empty_pool_lends_nothing),
		cmocka_unit_test(what_comes_back_is_wiped),
		cmocka_unit_test(an_object_has_room_for_its_size),
		cmocka_unit_test(a_slab_that_was_full_has_room_again),
		cmocka_unit_test(objects_never_overlap),
		cmocka_unit_test(what_a_flood_took_is_given_back),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
