// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>

#include "net/mailbox.h"

enum { ROOM = 8, POSTERS = 3, LETTERS_EACH = 20000 };

/* Larger than a word, so that a torn one would show. */
struct letter {
	unsigned poster, number, again[6];
};

static struct mailbox box;

static int open_box(void **state)
{
	(void)state;
	return mailbox_open(&box, sizeof(struct letter), ROOM);
}

static int free_box(void **state)
{
	(void)state;
	mailbox_free(&box);
	return 0;
}

static bool is_called(int timeout_ms)
{
	struct pollfd watched = { .fd = box.waker.fd, .events = POLLIN };

	return poll(&watched, 1, timeout_ms) == 1;
}

static void post(unsigned poster, unsigned number)
{
	struct letter letter = { .poster = poster, .number = number };

	for (size_t i = 0; i < COUNT_OF(letter.again); i++)
		letter.again[i] = number;
	mailbox_post(&box, &letter);
}

static void assert_whole(const struct letter *letter)
{
	for (size_t i = 0; i < COUNT_OF(letter->again); i++)
		assert_int_equal(letter->again[i], letter->number);
}

static void a_letter_calls_until_it_is_taken(void **state)
{
	struct letter letter;

	(void)state;
	assert_false(is_called(0));
	assert_int_equal(mailbox_take(&box, &letter, 1), 0);
	post(0, 1);
	post(0, 2);
	assert_true(is_called(0));
	assert_int_equal(mailbox_take(&box, &letter, 1), 1);
	assert_int_equal(letter.number, 1);
	assert_true(is_called(0));
	assert_int_equal(mailbox_take(&box, &letter, 1), 1);
	assert_int_equal(letter.number, 2);
	assert_false(is_called(0));
}

/* Against a count of what went in, in random steps through every wrap. */
static void letters_come_whole_and_in_order(void **state)
{
	unsigned posted = 0, taken = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct letter letters[ROOM + 1];
		int most = (int)dice_below(ROOM + 2);
		unsigned left, n;

		while (posted - taken < ROOM && dice_below(3))
			post(0, posted++);
		left = posted - taken;
		n = left < (unsigned)most ? left : (unsigned)most;
		assert_int_equal(mailbox_take(&box, letters, most), n);
		for (unsigned j = 0; j < n; j++) {
			assert_whole(&letters[j]);
			assert_int_equal(letters[j].number, taken++);
		}
		assert_int_equal(is_called(0), posted != taken);
	}
}

static void the_end_comes_after_the_last_letter(void **state)
{
	struct letter letters[ROOM];

	(void)state;
	post(0, 1);
	post(0, 2);
	mailbox_close(&box);
	assert_int_equal(mailbox_take(&box, letters, ROOM), 2);
	assert_true(is_called(0));
	assert_int_equal(mailbox_take(&box, letters, ROOM), -1);
	assert_false(is_called(0));
	assert_int_equal(mailbox_take(&box, letters, ROOM), -1);
}

static void the_end_needs_no_room(void **state)
{
	struct letter letters[ROOM];

	(void)state;
	for (unsigned i = 0; i < ROOM; i++)
		post(0, i);
	mailbox_close(&box);
	assert_int_equal(mailbox_take(&box, letters, ROOM), ROOM);
	assert_int_equal(mailbox_take(&box, letters, ROOM), -1);
}

static void the_end_alone_calls(void **state)
{
	(void)state;
	mailbox_close(&box);
	assert_true(is_called(0));
}

static atomic_bool is_posted;

static void *post_one_more(void *argument)
{
	(void)argument;
	post(0, ROOM);
	atomic_store(&is_posted, true);
	return NULL;
}

static void a_full_mailbox_makes_the_poster_wait(void **state)
{
	struct letter letters[ROOM];
	pthread_t thread;

	(void)state;
	for (unsigned i = 0; i < ROOM; i++)
		post(0, i);
	atomic_store(&is_posted, false);
	assert_int_equal(pthread_create(&thread, NULL, post_one_more, NULL), 0);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	assert_false(atomic_load(&is_posted));
	assert_int_equal(mailbox_take(&box, letters, 1), 1);
	assert_int_equal(letters[0].number, 0);
	pthread_join(thread, NULL);
	assert_int_equal(mailbox_take(&box, letters, ROOM), ROOM);
	assert_int_equal(letters[ROOM - 1].number, ROOM);
}

static void *post_many(void *argument)
{
	unsigned poster = (unsigned)(size_t)argument;

	for (unsigned i = 0; i < LETTERS_EACH; i++)
		post(poster, i);
	return NULL;
}

/* The reader waits for each call: one that got lost would end the test. */
static void no_letter_is_lost_between_threads(void **state)
{
	unsigned expected[POSTERS] = { 0 }, total = 0;
	pthread_t threads[POSTERS];

	(void)state;
	for (size_t i = 0; i < POSTERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, post_many, (void *)i),
			0);
	while (total < POSTERS * LETTERS_EACH) {
		struct letter letters[3];
		int n;

		assert_true(is_called(10000));
		n = mailbox_take(&box, letters, 3);
		assert_true(n >= 0);
		for (int i = 0; i < n; i++, total++) {
			assert_whole(&letters[i]);
			assert_in_range(letters[i].poster, 0, POSTERS - 1);
			assert_int_equal(letters[i].number,
				expected[letters[i].poster]++);
		}
	}
	for (size_t i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
}

static void without_descriptors_it_does_not_open(void **state)
{
	struct rlimit old, none;
	int error;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){ 0, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	error = mailbox_open(&box, sizeof(struct letter), ROOM);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(error, -EMFILE);
	mailbox_free(&box);
}

static void one_that_was_never_opened_can_be_freed(void **state)
{
	struct mailbox never = { 0 };

	(void)state;
	mailbox_free(&never);
	/* Its waker is all zero, and 0 is a descriptor of somebody else's. */
	assert_true(fcntl(0, F_GETFD) >= 0);
}

int main(void)
{
#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, open_box, free_box)
	const struct CMUnitTest tests[] = {
		WITH_BOX(a_letter_calls_until_it_is_taken),
		WITH_BOX(letters_come_whole_and_in_order),
		WITH_BOX(the_end_comes_after_the_last_letter),
		WITH_BOX(the_end_needs_no_room),
		WITH_BOX(the_end_alone_calls),
		WITH_BOX(a_full_mailbox_makes_the_poster_wait),
		WITH_BOX(no_letter_is_lost_between_threads),
		cmocka_unit_test(without_descriptors_it_does_not_open),
		cmocka_unit_test(one_that_was_never_opened_can_be_freed),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
