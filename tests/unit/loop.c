// SPDX-License-Identifier: MIT
/* Built once with each back end: both must do the same. */
#include "helper.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"

enum { RW = LOOP_READ | LOOP_WRITE };

/* A watched socket and its peer. */
struct end {
	struct watch watch;
	int peer;
};

static struct loop *loop;

static int open_loop(void **state)
{
	(void)state;
	loop = loop_open();
	return loop ? 0 : -1;
}

static int close_loop(void **state)
{
	(void)state;
	loop_close(loop);
	return 0;
}

static void add(struct end *e, unsigned wants)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	*e = (struct end){ .watch.fd = pair[0], .peer = pair[1] };
	assert_int_equal(loop_add(loop, &e->watch, wants), 0);
}

static void change(struct end *e, unsigned wants)
{
	assert_int_equal(loop_change(loop, &e->watch, wants), 0);
}

static void drop(struct end *e)
{
	loop_remove(loop, &e->watch);
	close(e->watch.fd);
	close(e->peer);
}

static int look(void)
{
	return loop_wait(loop, 0);
}

/* Only this is ready; or nothing is, for NULL. */
static void assert_ready(struct end *e)
{
	assert_int_equal(look(), e != NULL);
	if (e)
		assert_ptr_equal(loop_next(loop), &e->watch);
	assert_null(loop_next(loop));
}

static void poke(struct end *e)
{
	assert_int_equal(write(e->peer, "x", 1), 1);
}

static void it_says_which_it_is(void **state)
{
	(void)state;
	assert_true(!strcmp(loop_name, "epoll") || !strcmp(loop_name, "poll"));
}

static void what_is_ready_is_told_until_it_is_taken(void **state)
{
	struct end e;
	char c;

	(void)state;
	add(&e, LOOP_READ);
	assert_ready(NULL);
	poke(&e);
	assert_ready(&e);
	assert_ready(&e);
	assert_int_equal(read(e.watch.fd, &c, 1), 1);
	assert_ready(NULL);
	drop(&e);
}

static void only_what_is_wanted_is_told(void **state)
{
	struct end e;

	(void)state;
	add(&e, LOOP_WRITE);
	assert_ready(&e);
	change(&e, LOOP_READ);
	assert_ready(NULL);
	change(&e, RW);
	assert_ready(&e);
	poke(&e);
	change(&e, 0);
	assert_ready(NULL);
	change(&e, LOOP_READ);
	change(&e, LOOP_READ);
	assert_ready(&e);
	drop(&e);
}

static void a_hang_up_is_told_whatever_is_wanted(void **state)
{
	static const unsigned wants[] = { LOOP_READ, LOOP_WRITE, RW, 0 };
	struct end e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wants); i++) {
		add(&e, wants[i]);
		close(e.peer);
		assert_ready(&e);
		drop(&e);
	}
}

static void the_end_of_a_stream_can_be_read(void **state)
{
	struct end e;

	(void)state;
	add(&e, LOOP_READ);
	shutdown(e.peer, SHUT_WR);
	assert_ready(&e);
	drop(&e);
}

static void what_is_removed_is_not_told(void **state)
{
	struct end a, b, c;

	(void)state;
	add(&a, LOOP_READ);
	add(&b, LOOP_READ);
	add(&c, LOOP_READ);
	poke(&a);
	drop(&a);
	assert_ready(NULL);
	poke(&c);
	assert_ready(&c);
	drop(&c);
	poke(&b);
	assert_ready(&b);
	drop(&b);
	assert_ready(NULL);
}

static void a_wait_ends_in_time(void **state)
{
	uint64_t begun = clock_ns();
	struct end e;

	(void)state;
	add(&e, LOOP_READ);
	assert_int_equal(loop_wait(loop, 50), 0);
	assert_in_range(clock_ns() - begun, 49000000, 2000000000);
	poke(&e);
	assert_int_equal(loop_wait(loop, -1), 1);
	drop(&e);
}

static void a_wait_until_a_moment_does_not_end_before_it(void **state)
{
	uint64_t begun = clock_ns();
	struct end e;

	(void)state;
	add(&e, LOOP_READ);
	assert_int_equal(loop_wait_until(loop, begun + 300000), 0);
	assert_in_range(clock_ns() - begun, 300000, 2000000000);
	assert_int_equal(loop_wait_until(loop, begun), 0);
	poke(&e);
	assert_int_equal(loop_wait_until(loop, begun), 1);
	assert_ptr_equal(loop_next(loop), &e.watch);
	assert_int_equal(loop_wait_until(loop, UINT64_MAX), 1);
	drop(&e);
}

static void ignore(int number)
{
	(void)number;
}

static void a_signal_ends_a_wait_with_nothing(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	const struct sigaction action = { .sa_handler = ignore };
	uint64_t begun = clock_ns();

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(loop_wait(loop, 5000), 0);
	assert_true(clock_ns() - begun < 4000000000);
}

enum { MANY = 300 };

static struct one {
	struct end end; /* first: its watch is where it is */
	bool is_in, is_poked;
	unsigned wants;
	bool is_told;
} many[MANY];

static void change_something(void)
{
	size_t i = dice_below(MANY);
	unsigned wants = (unsigned)dice_below(4);

	if (!many[i].is_in) {
		add(&many[i].end, wants);
		many[i].is_in = true;
		many[i].is_poked = false;
	} else if (dice_below(4) == 0) {
		drop(&many[i].end);
		many[i].is_in = false;
	} else {
		change(&many[i].end, wants);
	}
	many[i].wants = many[i].is_in ? wants : 0;
	if (many[i].is_in && !many[i].is_poked && dice_below(3) == 0) {
		poke(&many[i].end);
		many[i].is_poked = true;
	}
}

static void add_all(void)
{
	for (int i = 0; i < MANY; i++) {
		add(&many[i].end, LOOP_READ);
		many[i].is_in = true;
		poke(&many[i].end);
	}
}

static void drop_all(void)
{
	for (int i = 0; i < MANY; i++)
		if (many[i].is_in)
			drop(&many[i].end);
	memset(many, 0, sizeof(many));
}

/* Who is told, in two looks at most: one may tell of a part only. */
static void look_around(void)
{
	struct watch *ready;
	int looks = 0, n;

	for (int i = 0; i < MANY; i++)
		many[i].is_told = false;
	do {
		n = look();
		assert_true(n >= 0);
		for (int i = 0; i < n; i++) {
			ready = loop_next(loop);
			assert_non_null(ready);
			((struct one *)ready)->is_told = true;
		}
		assert_null(loop_next(loop));
	} while (n >= loop_batch && ++looks < 2);
}

static void of_many_that_are_ready_nobody_is_forgotten(void **state)
{
	(void)state;
	add_all();
	for (int round = 0; round < 3; round++) {
		look_around();
		for (int i = 0; i < MANY; i++)
			assert_true(many[i].is_told);
	}
	drop_all();
}

static void who_is_told_may_be_removed_and_hides_nobody(void **state)
{
	struct watch *ready;
	int told = 0;

	(void)state;
	add_all();
	while (look() > 0)
		while ((ready = loop_next(loop))) {
			struct one *one = (struct one *)ready;

			assert_true(one->is_in && !one->is_told);
			one->is_told = true;
			one->is_in = dice_below(2);
			if (one->is_in)
				change(&one->end, 0);
			else
				drop(&one->end);
			told++;
		}
	assert_int_equal(told, MANY);
	drop_all();
}

static void any_order_of_changes_is_followed(void **state)
{
	(void)state;
	for (int run = 0; run < 3000; run++) {
		for (int i = 0; i < 20; i++)
			change_something();
		look_around();
		for (int i = 0; i < MANY; i++) {
			unsigned can = many[i].is_poked ? RW : LOOP_WRITE;

			assert_int_equal(
				many[i].is_told, (many[i].wants & can) != 0);
		}
	}
	drop_all();
}

static void closing_no_loop_does_nothing(void **state)
{
	(void)state;
	loop_close(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)
	const struct CMUnitTest tests[] = {
		TEST(it_says_which_it_is),
		TEST(what_is_ready_is_told_until_it_is_taken),
		TEST(only_what_is_wanted_is_told),
		TEST(a_hang_up_is_told_whatever_is_wanted),
		TEST(the_end_of_a_stream_can_be_read),
		TEST(what_is_removed_is_not_told),
		TEST(a_wait_ends_in_time),
		TEST(a_wait_until_a_moment_does_not_end_before_it),
		TEST(a_signal_ends_a_wait_with_nothing),
		TEST(of_many_that_are_ready_nobody_is_forgotten),
		TEST(who_is_told_may_be_removed_and_hides_nobody),
		TEST(any_order_of_changes_is_followed),
		TEST(closing_no_loop_does_nothing),
	};
	struct rlimit limit;

	/* Descriptors for 300 pairs. */
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < 1024) {
		limit.rlim_cur = limit.rlim_max < 1024 ? limit.rlim_max : 1024;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
