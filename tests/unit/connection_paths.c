// SPDX-License-Identifier: MIT
/*
 * connection_ready() has a short way for what happens nearly always, and a
 * long one for all the rest. Whatever goes the short way must come out as if
 * it had gone the long one: two connections live through one random history,
 * and one of them is made to go the long way.
 */
#include "connection.h"

enum { HISTORIES = 3000, STEPS = 60, MOST = 2 };

/* A connection in a world of its own, and the peer they have in common. */
struct world {
	struct context context;
	struct connection *connection; /* NULL: it has ended */
	int fd;
};

static struct world worlds[2]; /* the second one goes the long way */
static struct visitor visitor;
static struct noise_identity identity;
static unsigned short_turns;

/* With a deadline that is not the idle one, connection_ready() does not take
 * the short way; and it does not look at which one that is. */
static struct turn ready_the_long_way(struct world *w)
{
	uint8_t kind = w->connection->deadline_kind;
	struct turn turn;

	if (kind == DEADLINE_IDLE)
		w->connection->deadline_kind = DEADLINE_HANDSHAKE;
	turn = connection_ready(&w->context, w->connection);
	w->connection->deadline_kind = kind;
	return turn;
}

/* After a turn or what was due: is it still there? */
static void look(struct world *w)
{
	if (fake_of(w->fd)->is_closed)
		w->connection = NULL;
}

static void serve(void)
{
	for (int i = 0; i < 2; i++) {
		struct world *w = &worlds[i];
		struct connection *c = w->connection;

		if (!c || !connection_is_ready(c))
			continue;
		short_turns +=
			!i && c->deadline_kind == DEADLINE_IDLE && !c->rest;
		lifetime_settle(&w->context, c,
			c->arrival ? arrival_ready(&w->context, c)
			: i        ? ready_the_long_way(w)
				   : connection_ready(&w->context, c));
		context_run_flights(&w->context);
		look(w);
	}
}

/* Everything that is not an address must be the same. */
static void compare(void)
{
	const struct world *a = &worlds[0], *b = &worlds[1];
	const struct fake_socket *s = fake_of(a->fd), *t = fake_of(b->fd);
	const struct connection *c = a->connection, *d = b->connection;

	assert_int_equal(s->out_len, t->out_len);
	assert_memory_equal(s->out, t->out, s->out_len);
	assert_int_equal(s->in_read, t->in_read);
	assert_int_equal(s->is_finished, t->is_finished);
	assert_int_equal(s->is_dropped, t->is_dropped);
	assert_int_equal(s->is_closed, t->is_closed);
	assert_memory_equal(&a->context.counters, &b->context.counters,
		sizeof(struct counters));
	assert_int_equal(
		a->context.connections.lent, b->context.connections.lent);
	assert_int_equal(
		a->context.lent.arrivals.lent, b->context.lent.arrivals.lent);
	assert_int_equal(
		a->context.lent.rests.lent, b->context.lent.rests.lent);
	assert_int_equal(
		a->context.lent.unsents.lent, b->context.lent.unsents.lent);
	assert_int_equal(!c, !d);
	if (!c || !d)
		return;
	assert_int_equal(c->watch.wants, d->watch.wants);
	assert_int_equal(c->deadline_kind, d->deadline_kind);
	assert_int_equal(c->deadline.due_ms, d->deadline.due_ms);
	assert_int_equal(c->session.state, d->session.state);
	if (session_handshake_over(&c->session))
		assert_memory_equal(&c->session.keys, &d->session.keys,
			sizeof(c->session.keys));
	assert_int_equal(!c->rest, !d->rest);
	if (c->rest)
		assert_memory_equal(c->rest, d->rest, sizeof(*c->rest));
	assert_int_equal(!c->unsent, !d->unsent);
	if (c->unsent)
		assert_memory_equal(c->unsent, d->unsent, sizeof(*c->unsent));
}

/* Both servers draw the same. */
static uint64_t server_dice[2];

static void draw(int which, uint8_t *bytes, size_t n)
{
	uint64_t mine = dice;

	dice = server_dice[which];
	dice_bytes(bytes, n);
	server_dice[which] = dice;
	dice = mine;
}

static void draw_0(uint8_t *bytes, size_t n)
{
	draw(0, bytes, n);
}

static void draw_1(uint8_t *bytes, size_t n)
{
	draw(1, bytes, n);
}

/* --- what can happen --- */

/* Can the client say anything? */
static bool can_speak(void)
{
	return visitor.session.state == SESSION_OPEN &&
	       fake_of(visitor.fd)->in_len < FAKE_IN_BYTES / 2;
}

static void set_room(size_t room)
{
	fake_of(worlds[0].fd)->room = fake_of(worlds[1].fd)->room = room;
}

static void pass(uint64_t ms)
{
	for (int i = 0; i < 2; i++) {
		context_pass_ms(&worlds[i].context, ms);
		look(&worlds[i]);
	}
}

/* Messages, of which the last may be cut; its rest may come later. */
static void say(void)
{
	static const char *const words[] = { "TIME", "DATE", "TEMP", "time",
		"what?", "T", "TIM", " DATE ", "END", "TIMETIME", "TIMEX" };
	struct buffer out = visitor_buffer(&visitor);
	size_t messages = 1 + dice_below(4), cut;

	if (!can_speak())
		return;
	while (messages--) {
		const char *word = words[dice_below(COUNT_OF(words))];

		assert_int_equal(session_exchange(&visitor.session)
					 ->seal(&visitor.session.keys,
						 (const uint8_t *)word,
						 strlen(word), &out),
			0);
	}
	cut = dice_below(3) ? out.len : dice_below(out.len);
	visitor_send(&visitor, visitor.bytes, cut);
	if (cut == out.len || dice_below(2))
		return;
	serve();
	compare();
	visitor_send(&visitor, visitor.bytes + cut, out.len - cut);
}

static void flood(void)
{
	struct buffer out = visitor_buffer(&visitor);

	if (!can_speak())
		return;
	while (out.len + 64 < out.size)
		assert_int_equal(
			session_exchange(&visitor.session)
				->seal(&visitor.session.keys,
					(const uint8_t *)"TIME", 4, &out),
			0);
	visitor_send(&visitor, visitor.bytes, out.len);
}

static void babble(void)
{
	size_t n = 1 + dice_below(40);

	dice_bytes(visitor.bytes, n);
	visitor_send(&visitor, visitor.bytes, n);
}

static void let_time_pass(void)
{
	static const unsigned waits_ms[] = { 0, 1, 100, 999, 1000, 5000, 29999,
		60000 };

	pass(waits_ms[dice_below(COUNT_OF(waits_ms))]);
}

static void take_little(void)
{
	set_room(dice_below(40));
}

static void take_all(void)
{
	set_room(SIZE_MAX);
}

static void break_off(void)
{
	static const int errors[] = { -ECONNRESET, -ETIMEDOUT, -EPIPE };
	int error = errors[dice_below(COUNT_OF(errors))];
	bool in_sending = dice_below(2);

	for (int i = 0; i < 2; i++)
		if (in_sending)
			fake_of(worlds[i].fd)->send_error = error;
		else
			fake_of(worlds[i].fd)->receive_error = error;
}

static void end(void)
{
	visitor_end(&visitor);
}

static void stop(void)
{
	for (int i = 0; i < 2; i++) {
		struct world *w = &worlds[i];

		if (w->connection)
			lifetime_settle(&w->context, w->connection,
				connection_stop(&w->context, w->connection));
		look(w);
	}
}

static void run_out_of_memory(void)
{
	for (int i = 0; i < 2; i++)
		worlds[i].context.lent.rests.limit =
			worlds[i].context.lent.unsents.limit = 0;
}

/* How often out of a hundred. */
static const struct {
	int chance;
	void (*act)(void);
} happenings[] = {
	{ 48, say },
	{ 3, flood },
	{ 2, babble },
	{ 15, let_time_pass },
	{ 12, take_little },
	{ 16, take_all },
	{ 1, break_off },
	{ 1, end },
	{ 1, stop },
	{ 1, run_out_of_memory },
};

static void let_something_happen(void)
{
	for (int i = 0; i < 2; i++)
		fake_of(worlds[i].fd)->out_len = 0; /* it was compared */
	int chance = (int)dice_below(100);
	size_t i = 0;

	for (; chance >= happenings[i].chance; i++)
		chance -= happenings[i].chance;
	happenings[i].act();
}

static void begin(enum exchange_id exchange)
{
	fake_begin(NULL);
	memset(&visitor, 0, sizeof(visitor));
	for (int i = 0; i < 2; i++) {
		context_begin(&worlds[i].context, MOST, &identity);
		worlds[i].context.host.draw = i ? draw_1 : draw_0;
		server_dice[i] = dice;
	}
	worlds[1].fd = visitor.twin = fake_open();
	visitor_begin(&visitor, exchange, 0);
	worlds[0].fd = visitor.fd;
	for (int i = 0; i < 2; i++)
		worlds[i].connection =
			context_connect(&worlds[i].context, worlds[i].fd);
}

static void live(enum exchange_id exchange)
{
	begin(exchange);
	serve();
	compare();
	visitor_read(&visitor);
	for (int i = 0; i < STEPS && worlds[0].connection; i++) {
		serve();
		compare();
		let_something_happen();
		compare();
	}
	for (int i = 0; i < 2; i++)
		context_end(&worlds[i].context);
	fake_end(NULL);
}

static void both_ways_lead_to_the_same(void **state)
{
	(void)state;
	dice_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	for (int i = 0; i < HISTORIES; i++)
		live(i % 8 ? EXCHANGE_XOR : EXCHANGE_NOISE);
	/* Or else nothing was compared. */
	assert_true(short_turns > HISTORIES * 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_lead_to_the_same),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
