// SPDX-License-Identifier: MIT
#include "helper.h"

#include "server/queue.h"

enum { OLD_MS = 2500, PLACES = 64 };

static struct queue queue;
static struct queue_place places[PLACES];

static int set_up(void **state)
{
	(void)state;
	memset(places, 0, sizeof(places));
	queue_init(&queue, (const uint8_t *)"0123456789abcdef", OLD_MS);
	return 0;
}

/* The n-th of many networks. */
static struct address source(unsigned n)
{
	return (struct address){ .ip = { 10, 0, 0, (uint8_t)n } };
}

static void add(int place, enum queue_class class, unsigned from, uint64_t now)
{
	struct address address = source(from);

	queue_add(&queue, &places[place], class, &address, now);
}

static void assert_next(int place, uint64_t now)
{
	assert_ptr_equal(
		queue_next(&queue, now), place < 0 ? NULL : &places[place]);
	if (place >= 0)
		assert_false(queue_holds(&places[place]));
}

/* Two sources that do not share a bucket. */
static unsigned another(unsigned than)
{
	unsigned n = than;

	do {
		set_up(NULL);
		n++;
		add(0, QUEUE_FIRST, than, 0);
		add(1, QUEUE_FIRST, n, 0);
	} while (places[0].bucket == places[1].bucket);
	set_up(NULL);
	return n;
}

static void nobody_waits_in_an_empty_queue(void **state)
{
	(void)state;
	assert_true(queue_is_empty(&queue));
	assert_next(-1, 0);
	queue_remove(&places[0]);
	assert_false(queue_holds(&places[0]));
}

static void one_source_is_served_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		add(i, QUEUE_FIRST, 1, (uint64_t)i);
	for (int i = 0; i < 5; i++)
		assert_next(i, 10);
	assert_true(queue_is_empty(&queue));
}

static void last_flights_go_before_first_ones(void **state)
{
	(void)state;
	add(0, QUEUE_FIRST, 1, 0);
	add(1, QUEUE_FIRST, 1, 0);
	add(2, QUEUE_LAST, 1, 1);
	assert_next(2, 1);
	assert_next(0, 1);
	add(3, QUEUE_LAST, 1, 1);
	assert_next(3, 1);
	assert_next(1, 1);
}

static void a_newcomer_waits_for_one_of_each_other_source(void **state)
{
	unsigned other = another(1);

	(void)state;
	for (int i = 0; i < 30; i++)
		add(i, QUEUE_FIRST, 1, 0);
	assert_next(0, 0);
	add(40, QUEUE_FIRST, other, 0);
	add(41, QUEUE_FIRST, other, 0);
	assert_next(1, 0);
	assert_next(40, 0);
	assert_next(2, 0);
	assert_next(41, 0);
	assert_next(3, 0);
}

static void a_network_of_64_bits_is_one_source(void **state)
{
	struct address a = { .ip = { 0x20, 1, 0xd, 0xb8 }, .is_ipv6 = 1 };

	(void)state;
	queue_add(&queue, &places[0], QUEUE_FIRST, &a, 0);
	for (int i = 1; i < 20; i++) {
		a.ip[8 + i % 8] = (uint8_t)i;
		a.port = (uint16_t)i;
		queue_add(&queue, &places[i], QUEUE_FIRST, &a, 0);
		assert_ptr_equal(places[i].bucket, places[0].bucket);
	}
}

static void who_cannot_be_served_in_time_goes_last(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		add(i, QUEUE_FIRST, 1, (uint64_t)i * 1000);
	assert_next(0, OLD_MS - 1);
	/* Number 1 has waited since 1000. */
	assert_next(3, 1000 + OLD_MS);
	assert_next(2, 1000 + OLD_MS);
	add(4, QUEUE_FIRST, 1, 4000);
	assert_next(4, 4000);
	assert_next(1, 4000);
}

static void whoever_leaves_is_not_served(void **state)
{
	(void)state;
	add(0, QUEUE_FIRST, 1, 0);
	add(1, QUEUE_FIRST, 1, 0);
	queue_remove(&places[0]);
	assert_next(1, 0);
	add(2, QUEUE_LAST, 1, 0);
	queue_remove(&places[2]);
	assert_true(queue_is_empty(&queue));
	assert_next(-1, 0);
}

static void nobody_is_lost_or_served_twice(void **state)
{
	bool waits[PLACES] = { false };

	(void)state;
	for (int run = 0; run < 100000; run++) {
		int i = (int)dice_below(PLACES);
		struct queue_place *next;

		if (!waits[i]) {
			add(i, (enum queue_class)dice_below(QUEUE_CLASSES),
				(unsigned)dice_below(9), (uint64_t)run);
			waits[i] = true;
		} else if (dice_below(4) == 0) {
			queue_remove(&places[i]);
			waits[i] = false;
		}
		if (dice_below(2))
			continue;
		next = queue_next(&queue, (uint64_t)run);
		if (!next)
			continue;
		assert_true(waits[next - places]);
		waits[next - places] = false;
	}
	for (int i = 0; i < PLACES; i++)
		assert_int_equal(queue_holds(&places[i]), waits[i]);
}

#define QUEUE_TEST(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		QUEUE_TEST(nobody_waits_in_an_empty_queue),
		QUEUE_TEST(one_source_is_served_in_order),
		QUEUE_TEST(last_flights_go_before_first_ones),
		QUEUE_TEST(a_newcomer_waits_for_one_of_each_other_source),
		QUEUE_TEST(a_network_of_64_bits_is_one_source),
		QUEUE_TEST(who_cannot_be_served_in_time_goes_last),
		QUEUE_TEST(whoever_leaves_is_not_served),
		QUEUE_TEST(nobody_is_lost_or_served_twice),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
