// SPDX-License-Identifier: MIT
#include "helper.h"

#include <pthread.h>

#include "server/sources.h"

enum { LIMIT = 64, SPARE = 8 };

static struct sources all;

static int set_up(void **state)
{
	(void)state;
	sources_open(&all, LIMIT, SPARE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(all.pool.lent, 0);
	sources_close(&all);
	return 0;
}

static struct source *enter(struct address from)
{
	struct source *s = sources_enter(&all, &from);

	/* The optimizer knows that this does not return. */
	if (!s)
		abort();
	return s;
}

static struct address ipv4(unsigned n)
{
	return (struct address){ .ip = { 10, (uint8_t)(n >> 16),
					 (uint8_t)(n >> 8), (uint8_t)n } };
}

/* An address in a network of 64 bits, which is in one of 48. */
static struct address ipv6(unsigned site, unsigned subnet, unsigned host)
{
	return (struct address){ .is_ipv6 = 1,
		.ip = { 0x20, 1, 0xd, 0xb8, (uint8_t)(site >> 8), (uint8_t)site,
			(uint8_t)(subnet >> 8),
			(uint8_t)subnet, [15] = (uint8_t)host } };
}

static void assert_taken(
	const struct source *s, unsigned half_open, unsigned sessions)
{
	assert_int_equal(source_taken(s, PLACE_HALF_OPEN), half_open);
	assert_int_equal(source_taken(s, PLACE_SESSION), sessions);
}

static void an_address_is_a_source_whatever_its_port(void **state)
{
	struct address from = ipv4(1);
	struct source *first = enter(from), *second, *other = enter(ipv4(2));

	(void)state;
	from.port = 7;
	second = enter(from);
	assert_ptr_equal(first, second);
	assert_ptr_not_equal(first, other);
	assert_taken(first, 2, 0);
	assert_int_equal(source_connections(first), 2);
	sources_open_session(first);
	assert_taken(first, 1, 1);
	assert_int_equal(source_connections(first), 2);
	sources_leave(&all, first, PLACE_SESSION);
	assert_taken(first, 1, 0);
	sources_leave(&all, first, PLACE_HALF_OPEN);
	sources_leave(&all, other, PLACE_HALF_OPEN);
}

static void ipv6_is_counted_by_its_networks(void **state)
{
	struct source *near = enter(ipv6(1, 1, 1));
	struct source *same = enter(ipv6(1, 1, 2));
	struct source *within = enter(ipv6(1, 2, 1));
	struct source *beyond = enter(ipv6(2, 1, 1));

	(void)state;
	assert_ptr_equal(near, same);
	assert_int_equal(source_connections(near), 2);
	assert_int_equal(source_connections(within), 1);
	assert_taken(near, 3, 0); /* of the larger network */
	assert_taken(within, 3, 0);
	assert_taken(beyond, 1, 0);
	sources_open_session(within);
	assert_taken(near, 2, 1);
	sources_leave(&all, within, PLACE_SESSION);
	sources_leave(&all, near, PLACE_HALF_OPEN);
	assert_taken(near, 1, 0);
	sources_leave(&all, near, PLACE_HALF_OPEN);
	sources_leave(&all, beyond, PLACE_HALF_OPEN);
}

/* 32.1.13.184 is also how 2001:db8:: begins. */
static void ipv4_is_never_ipv6(void **state)
{
	struct address from = ipv6(0, 0, 0);
	struct source *six = enter(from), *four;

	(void)state;
	from.is_ipv6 = 0;
	four = enter(from);
	assert_ptr_not_equal(four, six);
	assert_taken(four, 1, 0);
	assert_taken(six, 1, 0);
	sources_leave(&all, six, PLACE_HALF_OPEN);
	sources_leave(&all, four, PLACE_HALF_OPEN);
}

static void nothing_is_kept_of_those_that_have_left(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		sources_leave(&all, enter(i % 2 ? ipv4(i) : ipv6(i >> 8, i, 1)),
			PLACE_HALF_OPEN);
	for (size_t i = 0; i < SOURCES_BUCKETS; i++)
		assert_null(all.buckets[i]);
	sources_leave(&all, NULL, PLACE_SESSION); /* it had none */
}

static void when_memory_runs_out_nothing_is_counted(void **state)
{
	struct source *s[2 * (LIMIT + SPARE) - 1];
	struct address from = ipv6(1, 1, 1);

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(s); i++)
		s[i] = enter(ipv4(i));
	assert_null(sources_enter(&all, &from)); /* it would need two */
	assert_int_equal(all.pool.lent, COUNT_OF(s));
	sources_leave(&all, s[0], PLACE_HALF_OPEN);
	s[0] = enter(from);
	for (unsigned i = 0; i < COUNT_OF(s); i++)
		sources_leave(&all, s[i], PLACE_HALF_OPEN);
}

static void only_those_above_the_limit_are_told_so(void **state)
{
	(void)state;
	for (int i = 0; i < LIMIT; i++)
		assert_int_equal(sources_admit(&all), 0);
	assert_int_equal(sources_admit(&all), 1);
	assert_int_equal(sources_admit(&all), 2);
	all.admitted--;
	all.admitted--;
	all.admitted--;
	assert_int_equal(sources_admit(&all), 0);
	assert_int_equal(sources_admit(&all), 1);
}

/* Against a plain table, over a random history. */
static void any_history_is_counted(void **state)
{
	enum { SOURCES = 12, CONNECTIONS = LIMIT };
	struct {
		struct source *source; /* NULL: it is not there */
		enum place place;
		unsigned from;
	} c[CONNECTIONS] = { 0 };
	unsigned taken[SOURCES][PLACES] = { 0 };

	(void)state;
	for (int step = 0; step < 100000; step++) {
		size_t i = dice_below(CONNECTIONS);

		if (!c[i].source) {
			c[i].from = (unsigned)dice_below(SOURCES);
			c[i].place = PLACE_HALF_OPEN;
			c[i].source = enter(ipv4(c[i].from));
			taken[c[i].from][PLACE_HALF_OPEN]++;
		} else if (c[i].place == PLACE_HALF_OPEN && dice_below(2)) {
			sources_open_session(c[i].source);
			taken[c[i].from][PLACE_HALF_OPEN]--;
			taken[c[i].from][PLACE_SESSION]++;
			c[i].place = PLACE_SESSION;
		} else {
			sources_leave(&all, c[i].source, c[i].place);
			taken[c[i].from][c[i].place]--;
			c[i].source = NULL;
		}
		i = dice_below(CONNECTIONS);
		if (c[i].source)
			assert_taken(c[i].source,
				taken[c[i].from][PLACE_HALF_OPEN],
				taken[c[i].from][PLACE_SESSION]);
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (c[i].source)
			sources_leave(&all, c[i].source, c[i].place);
}

static void *come_and_go(void *unused)
{
	for (unsigned i = 0; i < 20000; i++) {
		struct address from = ipv6(1, i % 3, 1);
		struct source *s = sources_enter(&all, &from);

		if (!s)
			return &all;
		sources_open_session(s);
		sources_leave(&all, s, PLACE_SESSION);
	}
	return unused;
}

static void threads_share_the_table(void **state)
{
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, come_and_go, NULL),
			0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		void *result;

		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_null(result);
	}
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(an_address_is_a_source_whatever_its_port),
		ROW(ipv6_is_counted_by_its_networks),
		ROW(ipv4_is_never_ipv6),
		ROW(nothing_is_kept_of_those_that_have_left),
		ROW(when_memory_runs_out_nothing_is_counted),
		ROW(only_those_above_the_limit_are_told_so),
		ROW(any_history_is_counted),
		ROW(threads_share_the_table),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
