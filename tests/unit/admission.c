// SPDX-License-Identifier: MIT
/*
 * Who gives way to whom when the server is full: connections of many sources
 * on fake sockets, in no time.
 */
#include "connection.h"

#include "lib/authorized.h"
#include "server/admission.h"

enum { LIMIT = 8, RESERVE = 1, YOUNG_MS = 1000, IDLE_MS = 60000 };

static struct noise_identity identity;
static struct context context;
static struct settings own;
static struct visitor visitors[2 * LIMIT];
static struct connection *connections[2 * LIMIT];
static int visitor_count;

static int set_up(void **state)
{
	fake_begin(state);
	dice_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	context_begin(&context, 1000, &identity);
	sources_close(&sources);
	sources_open(&sources, LIMIT, 4000);
	context.deadlines.spans_ms[DEADLINE_IDLE] = 3600000;
	own = settings;
	context.settings = &own;
	memset(visitors, 0, sizeof(visitors));
	visitor_count = 0;
	return 0;
}

static int tear_down(void **state)
{
	authorized_release(context.authorized);
	lifetime_each(&context, connection_abandon);
	assert_int_equal(sources.admitted, 0);
	assert_int_equal(sources.pool.lent, 0);
	context_end(&context);
	return fake_end(state);
}

static unsigned long counts(enum counter which)
{
	return counter_read(&context.counters, which);
}

/* The n-th of many addresses. */
static struct address source(unsigned n)
{
	return (struct address){ .ip = { 10, 0, (uint8_t)(n >> 8), (uint8_t)n },
		.port = 7 };
}

/* It sends nothing: its socket. */
static int come_silently(struct address from)
{
	int fd = fake_open();

	lifetime_begin(&context, fd, &from);
	return fd;
}

static bool is_here(int fd)
{
	return !fake_of(fd)->is_closed;
}

/* Comes with its first flight: the visitor, of which nothing is read yet. */
static struct visitor *come(struct address from, enum exchange_id exchange)
{
	struct visitor *v = &visitors[visitor_count];

	assert_true(visitor_count < (int)COUNT_OF(visitors));
	visitor_begin(v, exchange, 0);
	lifetime_begin(&context, v->fd, &from);
	connections[visitor_count++] = connection_of(
		context.deadlines.queues[DEADLINE_HANDSHAKE].previous);
	return v;
}

static bool serve(const struct visitor *v)
{
	return is_here(v->fd) &&
	       context_serve(&context, connections[v - visitors]);
}

/* Goes through with its flights: has it got a session? */
static bool settle(struct visitor *v)
{
	if (!serve(v))
		return false;
	visitor_read(v);
	return serve(v);
}

/* So many idle sessions of one source. */
static void fill(struct address from, int n)
{
	while (n--)
		assert_true(settle(come(from, EXCHANGE_XOR)));
}

static int fill_silently(struct address from)
{
	int first = come_silently(from);

	for (int i = 1; i < LIMIT; i++)
		assert_true(is_here(come_silently(from)));
	return first;
}

static void assert_yielded(unsigned n)
{
	assert_int_equal(counts(COUNT_YIELDED), n);
	assert_int_equal(fake_logged("gave way to others"), n);
}

static void a_half_open_one_of_the_crowd_gives_way(void **state)
{
	int oldest = fill_silently(source(1));
	int fd = come_silently(source(2));

	(void)state;
	assert_true(is_here(fd));
	assert_false(is_here(oldest));
	assert_yielded(1);
	assert_int_equal(fake_logged("Refused 10.0.0.1:7"), 1);
	assert_int_equal(context.connections.lent, LIMIT);
}

static void a_source_takes_no_place_from_one_that_has_fewer(void **state)
{
	int other = come_silently(source(2));

	(void)state;
	for (int i = 1; i < LIMIT; i++)
		come_silently(source(1));
	context_pass_ms(&context, YOUNG_MS);
	/* Its own are old by now, so it replaces one of these. */
	assert_true(is_here(come_silently(source(1))));
	assert_true(is_here(other));
	assert_yielded(1);
}

static void a_place_is_not_taken_from_equals_for_a_second(void **state)
{
	int first = come_silently(source(0));

	(void)state;
	for (unsigned i = 1; i < LIMIT; i++)
		come_silently(source(i));
	context_pass_ms(&context, YOUNG_MS - 1);
	assert_false(is_here(come_silently(source(LIMIT))));
	assert_int_equal(counts(COUNT_FULL), 1);
	context_pass_ms(&context, 1);
	assert_true(is_here(come_silently(source(LIMIT))));
	assert_false(is_here(first));
	assert_yielded(1);
}

static void the_largest_crowd_gives_way(void **state)
{
	int pair[2] = { come_silently(source(1)), come_silently(source(1)) };
	int oldest = come_silently(source(2));

	(void)state;
	while (context.connections.lent < LIMIT)
		come_silently(source(2));
	assert_true(is_here(come_silently(source(3))));
	assert_true(is_here(pair[0]) && is_here(pair[1]));
	assert_false(is_here(oldest));
}

static void a_site_of_many_networks_is_a_crowd(void **state)
{
	int oldest = 0;

	(void)state;
	for (int i = 0; i < LIMIT; i++) {
		int fd = come_silently((struct address){ .is_ipv6 = 1,
			.ip = { 0x20, 1, 0xd, 0xb8, 0, 1, 0, (uint8_t)i } });

		oldest = oldest ? oldest : fd;
	}
	assert_true(is_here(come_silently(source(1))));
	assert_false(is_here(oldest));
}

static void a_session_never_gives_way_to_a_half_open_one(void **state)
{
	(void)state;
	fill(source(1), LIMIT);
	context_pass_ms(&context, IDLE_MS);
	for (unsigned i = 0; i < RESERVE; i++)
		assert_true(is_here(come_silently(source(2 + i))));
	assert_yielded(0);
	/* No more of them at a time. */
	assert_false(is_here(come_silently(source(100))));
	assert_int_equal(counts(COUNT_FULL), 1);
	context_pass_ms(&context, 5000);
	assert_int_equal(counts(COUNT_HANDSHAKE), RESERVE);
	assert_int_equal(context.connections.lent, LIMIT);
	assert_yielded(0);
}

static void an_idle_session_gives_way_to_a_completed_exchange(void **state)
{
	(void)state;
	for (enum exchange_id e = 0; e < EXCHANGE_COUNT; e++) {
		if (e) {
			tear_down(state);
			set_up(state);
		}
		fill(source(1), LIMIT);
		context_pass_ms(&context, IDLE_MS);
		struct visitor *v = come(source(2), e);

		assert_int_equal(context.connections.lent, LIMIT + 1);
		assert_true(settle(v));
		context_pass_ms(&context, 1);
		assert_false(is_here(visitors[0].fd));
		assert_yielded(1);
		assert_int_equal(context.connections.lent, LIMIT);
		visitor_ask(v, COMMAND_TIME);
		assert_true(serve(v));
	}
}

/* Otherwise there would be one more for good, and no room for the next. */
static void who_replaces_an_extra_one_is_an_extra_one(void **state)
{
	(void)state;
	fill(source(1), LIMIT);
	context_pass_ms(&context, IDLE_MS);
	for (unsigned i = 0; i < LIMIT - 1; i++) {
		int silent = come_silently(source(100 + i));
		struct visitor *v;

		assert_true(is_here(silent));
		context_pass_ms(&context, YOUNG_MS);
		v = come(source(2 + i), EXCHANGE_XOR);
		assert_false(is_here(silent));
		assert_true(settle(v));
		context_pass_ms(&context, 1);
		assert_int_equal(context.connections.lent, LIMIT);
	}
}

static void a_session_that_was_used_lately_does_not_give_way(void **state)
{
	struct visitor *v;

	(void)state;
	fill(source(1), LIMIT);
	context_pass_ms(&context, IDLE_MS - 1);
	assert_false(is_here(come_silently(source(2))));
	assert_int_equal(counts(COUNT_FULL), 1);
	context_pass_ms(&context, 1);
	v = come(source(2), EXCHANGE_XOR);
	/* Now they are used, so the newcomer has come in vain. */
	for (int i = 0; i < LIMIT; i++) {
		visitor_ask(&visitors[i], COMMAND_TIME);
		assert_true(serve(&visitors[i]));
	}
	assert_false(settle(v));
	assert_int_equal(counts(COUNT_FULL), 2);
	assert_yielded(0);
}

static void who_asks_first_stays_and_another_goes(void **state)
{
	(void)state;
	fill(source(1), LIMIT);
	context_pass_ms(&context, IDLE_MS);
	assert_true(settle(come(source(2), EXCHANGE_XOR)));
	visitor_ask(&visitors[0], COMMAND_TIME);
	assert_true(serve(&visitors[0]));
	context_pass_ms(&context, 1);
	assert_true(is_here(visitors[0].fd));
	assert_false(is_here(visitors[1].fd));
	assert_true(is_here(visitors[LIMIT].fd));
	assert_yielded(1);
	assert_int_equal(context.connections.lent, LIMIT);
}

static void nobody_goes_instead_from_a_smaller_source(void **state)
{
	(void)state;
	fill(source(1), 2);
	fill(source(3), LIMIT - 2);
	context_pass_ms(&context, IDLE_MS);
	assert_true(settle(come(source(2), EXCHANGE_XOR)));
	for (int i = 2; i < LIMIT; i++) {
		visitor_ask(&visitors[i], COMMAND_TIME);
		assert_true(serve(&visitors[i]));
	}
	context_pass_ms(&context, 1);
	assert_yielded(0);
	/* As long as there is one too many, nobody else is let in. */
	assert_false(is_here(come_silently(source(4))));
}

static void an_idle_session_does_not_give_way_to_a_crowd(void **state)
{
	(void)state;
	fill(source(1), 2);
	fill(source(2), LIMIT - 2);
	context_pass_ms(&context, IDLE_MS);
	/* The newcomer's own source has most, and it replaces one of these. */
	assert_true(
		settle(come(source(2), EXCHANGE_XOR)) || counts(COUNT_FULL));
	context_pass_ms(&context, 1);
	assert_true(is_here(visitors[0].fd) && is_here(visitors[1].fd));
	assert_int_equal(context.connections.lent, LIMIT);
}

static void a_place_that_is_free_again_is_used(void **state)
{
	struct visitor *v;

	(void)state;
	fill(source(1), LIMIT);
	context_pass_ms(&context, IDLE_MS);
	v = come(source(2), EXCHANGE_XOR);
	visitor_ask(&visitors[3], COMMAND_END);
	visitor_end(&visitors[3]);
	serve(&visitors[3]);
	assert_true(settle(v));
	context_pass_ms(&context, 1);
	assert_yielded(0);
	assert_int_equal(context.connections.lent, LIMIT);
}

static unsigned long admitted_at_close, sources_at_close;

static void note_close(int fd)
{
	(void)fd;
	admitted_at_close = sources.admitted;
	sources_at_close = sources.pool.lent;
}

/* Otherwise a client that comes again at once could be one too many. */
static void a_place_is_free_before_the_peer_can_know(void **state)
{
	(void)state;
	fill(source(1), 1);
	fake.on_close = note_close;
	visitor_ask(&visitors[0], COMMAND_END);
	visitor_end(&visitors[0]);
	admitted_at_close = sources_at_close = 7;
	serve(&visitors[0]);
	assert_int_equal(admitted_at_close, 0);
	assert_int_equal(sources_at_close, 0);
}

static void a_listed_client_never_gives_way(void **state)
{
	struct complaint complaint;
	char key[KEY_TEXT_BYTES], line[2 * KEY_TEXT_BYTES];
	struct visitor *listed = come(source(1), EXCHANGE_NOISE);

	(void)state;
	snprintf(line, sizeof(line), "%s clock\n",
		key_format(listed->identity.public, key));
	assert_int_equal(authorized_parse(strdup(line), "list",
				 &context.authorized, &complaint),
		0);
	assert_true(settle(listed));
	fill(source(1), LIMIT - 1);
	context_pass_ms(&context, IDLE_MS);
	/* The others from its address do, as long as there are two. */
	for (unsigned i = 1; i < LIMIT - 1; i++) {
		assert_true(settle(come(source(1 + i), EXCHANGE_XOR)));
		context_pass_ms(&context, 1);
	}
	assert_true(is_here(listed->fd));
	for (int i = 1; i < LIMIT; i++)
		assert_int_equal(is_here(visitors[i].fd), i == LIMIT - 1);
	assert_false(is_here(come_silently(source(100))));
}

static void no_source_has_more_than_it_may(void **state)
{
	int fd[3];

	(void)state;
	own.max_per_source = 2;
	for (int i = 0; i < 3; i++)
		fd[i] = come_silently(source(1));
	assert_true(is_here(fd[0]) && is_here(fd[1]));
	assert_false(is_here(fd[2]));
	assert_int_equal(counts(COUNT_CROWDED), 1);
	assert_int_equal(fake_logged("Refused 10.0.0.1:7"), 1);
	assert_true(is_here(come_silently(source(2))));
	context_pass_ms(&context, 5000);
	assert_true(is_here(come_silently(source(1))));
}

static void listed_clients_share_an_address_without_limit(void **state)
{
	struct complaint complaint;
	char key[KEY_TEXT_BYTES], line[2 * KEY_TEXT_BYTES];
	struct visitor *v = come(source(1), EXCHANGE_NOISE);

	(void)state;
	own.max_per_source = 1;
	snprintf(line, sizeof(line), "%s\n",
		key_format(v->identity.public, key));
	assert_int_equal(authorized_parse(strdup(line), "list",
				 &context.authorized, &complaint),
		0);
	assert_true(settle(v));
	assert_true(is_here(come_silently(source(1))));
	assert_false(is_here(come_silently(source(1))));
}

/* One address holds all places, and takes each that it can get again. */
static void others_are_served_whatever_one_address_does(void **state)
{
	(void)state;
	for (unsigned visit = 0; visit < 1000; visit++) {
		struct visitor *v;

		if (!(visit % 7))
			context_pass_ms(&context, dice_below(3000));
		for (int i = 0; i < 2 * LIMIT; i++)
			come_silently(source(1));
		visitor_count = 0;
		v = come(source(2 + visit % 5), EXCHANGE_XOR);
		assert_true(settle(v));
		visitor_ask(v, COMMAND_TIME);
		assert_true(serve(v));
		visitor_ask(v, COMMAND_END);
		visitor_end(v);
		serve(v);
		assert_true(context.connections.lent <= LIMIT + 2 * RESERVE);
		memset(v, 0, sizeof(*v));
		if (fake.socket_count > 400) {
			lifetime_each(&context, connection_abandon);
			fake_end(NULL);
			fake_begin(NULL);
		}
	}
}

/* Many others have been idle for longer than the crowd. */
static void a_crowd_cannot_hide_behind_many_others(void **state)
{
	enum { OTHERS = 3000 };
	static struct connection others[OTHERS], crowd[3];

	(void)state;
	for (unsigned i = 0; i < OTHERS + COUNT_OF(crowd); i++) {
		struct connection *c =
			i < OTHERS ? &others[i] : &crowd[i - OTHERS];
		struct address from = source(i < OTHERS ? i : OTHERS);

		c->source = sources_enter(&sources, &from);
		assert_non_null(c->source);
		sources_open_session(c->source);
		deadline_set(&context.deadlines, &c->deadline, DEADLINE_IDLE,
			context.now_ms);
	}
	context.now_ms += IDLE_MS;
	for (int tenths = 0; tenths < 5; tenths++) {
		assert_ptr_equal(admission_choose(&context, PLACE_SESSION, 1),
			&crowd[0]);
		/* It is not searched for that far each time. */
		assert_null(admission_choose(&context, PLACE_SESSION, 1));
		context.now_ms += 100;
	}
	for (unsigned i = 0; i < OTHERS + COUNT_OF(crowd); i++)
		sources_leave(&sources,
			i < OTHERS ? others[i].source : crowd[0].source,
			PLACE_SESSION);
	deadlines_init(&context.deadlines, spans_ms);
}

static void there_are_never_more_than_the_descriptors_allow(void **state)
{
	static const unsigned long limits[] = { 1, 2, 15, 16, 64, 4096,
		1000000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(limits); i++) {
		unsigned long most = admission_most(limits[i]);

		assert_true(most > limits[i]);
		assert_true(most - limits[i] <= 512);
		assert_true(most - limits[i] <= 2 + limits[i] / 8);
	}
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(a_half_open_one_of_the_crowd_gives_way),
		ROW(a_source_takes_no_place_from_one_that_has_fewer),
		ROW(a_place_is_not_taken_from_equals_for_a_second),
		ROW(the_largest_crowd_gives_way),
		ROW(a_site_of_many_networks_is_a_crowd),
		ROW(a_session_never_gives_way_to_a_half_open_one),
		ROW(an_idle_session_gives_way_to_a_completed_exchange),
		ROW(who_replaces_an_extra_one_is_an_extra_one),
		ROW(a_session_that_was_used_lately_does_not_give_way),
		ROW(who_asks_first_stays_and_another_goes),
		ROW(nobody_goes_instead_from_a_smaller_source),
		ROW(an_idle_session_does_not_give_way_to_a_crowd),
		ROW(a_place_that_is_free_again_is_used),
		ROW(a_place_is_free_before_the_peer_can_know),
		ROW(a_listed_client_never_gives_way),
		ROW(no_source_has_more_than_it_may),
		ROW(listed_clients_share_an_address_without_limit),
		ROW(others_are_served_whatever_one_address_does),
		ROW(a_crowd_cannot_hide_behind_many_others),
		ROW(there_are_never_more_than_the_descriptors_allow),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
