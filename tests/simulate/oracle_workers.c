// SPDX-License-Identifier: MIT
/*
 * The server from inside: whether its lists, pools and counters agree with each
 * other and with the network.
 */
#include <string.h>

#include "network.h"
#include "oracle.h"
#include "server.h"
#include "server/admission.h"
#include "server/arrival.h"
#include "server/worker.h"
#include "thread.h"
#include "world.h"

enum { OVERDUE_WAKES = 4 * LINKS }; /* more than pace.h ever allows */

/* What a worker has, counted anew. */
struct tally {
	size_t connections, arrivals, rests, unsents, waiting;
	uint64_t earliest_ms;
};

static enum deadline_kind kind_of(const struct connection *c)
{
	if (c->arrival)
		return DEADLINE_HANDSHAKE;
	if (c->unsent)
		return DEADLINE_STALLED;
	if (c->session.state == SESSION_ENDED)
		return DEADLINE_DRAIN;
	return c->rest && session_patience(&c->session) ? DEADLINE_REST
							: DEADLINE_IDLE;
}

static unsigned wants_of(const struct connection *c)
{
	if (c->unsent)
		return LOOP_WRITE;
	return c->arrival && !arrival_has_room(c->arrival) ? 0 : LOOP_READ;
}

/* In the wake in which it stops, it has read of each what had arrived. */
static void check_stop(const struct thread *t, const struct context *context)
{
	for (int i = 0; i < LINKS; i++) {
		const struct link *l = &links[i];
		const struct connection *c = l->trace.connection;

		if (!l->is_used || l->server != SERVER_HAS || !c ||
			l->trace.worker != context || c->arrival || c->unsent)
			continue;
		HOLDS(l->up.arrived == l->up.read ||
				l->up.arrived_step >= t->wake ||
				l->up.read_step >= t->wake || t->faults ||
				l->trace.has_ended,
			"link %d: what had arrived before the stop is not read",
			i);
	}
}

static void check_trace(const struct context *context,
	const struct connection *c, struct trace *t)
{
	const uint8_t *key = session_peer(&c->session);
	bool is_stalled = c->unsent != NULL;

	if (is_stalled && !t->is_stalled)
		t->stall = oracle_moment(context);
	t->is_stalled = is_stalled;
	HOLDS(t->connection == c, "two connections have one descriptor");
	HOLDS(c->arrival || !t->is_honest || t->was_slow ||
			(t->is_plain && t->partly_since_ns) ||
			t->answered == t->requests,
		"descriptor %d: %u requests were read and %u answered",
		c->watch.fd, t->requests, t->answered);
	HOLDS(c->arrival || !key || !context->authorized ||
			authorized_find(context->authorized, key),
		"descriptor %d: a session with a key that is not listed",
		c->watch.fd);
}

static void check_connection(const struct context *context,
	const struct connection *c, enum deadline_kind kind, struct tally *all)
{
	enum deadline_kind expected = kind_of(c);

	HOLDS(c->deadline_kind == kind, "a deadline is in another's queue");
	HOLDS(kind == expected ||
			(kind == DEADLINE_YIELD && expected == DEADLINE_IDLE),
		"descriptor %d: a deadline of kind %d, not %d", c->watch.fd,
		(int)kind, (int)expected);
	HOLDS(c->watch.wants == wants_of(c),
		"descriptor %d waits for %u, not %u", c->watch.fd,
		c->watch.wants, wants_of(c));
	check_trace(context, c, &network_link(c->watch.fd)->trace);
	all->connections++;
	all->arrivals += c->arrival != NULL;
	all->rests += c->rest != NULL;
	all->unsents += c->unsent != NULL;
	all->waiting += c->arrival && queue_holds(&c->arrival->place);
	if (c->deadline.due_ms < all->earliest_ms)
		all->earliest_ms = c->deadline.due_ms;
}

static struct tally check_connections(const struct context *context)
{
	struct tally all = { .earliest_ms = UINT64_MAX };

	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		const struct deadlines *in = &context->deadlines;
		struct deadline *d = deadlines_first(in, kind);
		uint64_t before_ms = 0;

		for (; d; d = deadlines_next(in, kind, d)) {
			HOLDS(d->due_ms >= before_ms,
				"a queue of deadlines is out of order");
			before_ms = d->due_ms;
			check_connection(context, connection_of(d), kind, &all);
		}
	}
	return all;
}

/* Whatever is due ends soon, and the worker wakes when the next one is. */
static void check_deadlines(
	struct thread *t, const struct worker *w, uint64_t earliest_ms)
{
	const struct context *context = &w->context;

	if (w->stopping && w->stop_by_ms < earliest_ms)
		earliest_ms = w->stop_by_ms;
	if (earliest_ms <= context->now_ms) {
		HOLDS(++t->overdue < OVERDUE_WAKES,
			"a deadline passed %llu ms ago, and nothing came of it",
			(unsigned long long)(context->now_ms - earliest_ms));
		HOLDS(t->until_ns <= world.now_ns + 1000000,
			"a worker waits although a deadline has passed");
		return;
	}
	t->overdue = 0;
	HOLDS(t->until_ns == UINT64_MAX
			? earliest_ms - context->now_ms > (uint64_t)1 << 40
			: (t->until_ns - world.now_ns) / 1000000 <=
				  earliest_ms - context->now_ms,
		"a worker waits longer than until its next deadline");
}

void oracle_looks(void)
{
	if (server.is_open && server.sources.admitted > server.sources.limit)
		server.over_step = world.steps;
}

void oracle_ran(struct thread *t)
{
	struct worker *w = (struct worker *)t->context;
	struct tally all;

	oracle_looks();
	if (!w || (t->wait != WAIT_LOOP && !t->is_over))
		return;
	all = check_connections(&w->context);
	HOLDS(all.connections == w->context.connections.lent,
		"%zu connections, but %zu are lent", all.connections,
		w->context.connections.lent);
	HOLDS(all.arrivals == w->context.lent.arrivals.lent &&
			all.rests == w->context.lent.rests.lent &&
			all.unsents == w->context.lent.unsents.lent,
		"%zu, %zu, %zu are used, but not lent", all.arrivals, all.rests,
		all.unsents);
	HOLDS(all.waiting == w->context.queue.waiting,
		"%zu flights wait, not %zu", all.waiting,
		w->context.queue.waiting);
	HOLDS(!t->is_over || !all.connections, "a worker leaves connections");
	if (w->stopping && !t->is_stopping)
		check_stop(t, &w->context);
	t->is_stopping = w->stopping;
	if (!t->is_over)
		check_deadlines(t, w, all.earliest_ms);
}

/* --- all of it --- */

static size_t count_lent(void)
{
	size_t n = 0;

	for (int i = 0; i < THREADS; i++)
		if (threads[i].context)
			n += threads[i].context->connections.lent;
	return n;
}

static unsigned long count_of(enum counter which)
{
	unsigned long n = server.closed[which]; /* by workers that are gone */

	for (int i = 0; i < THREADS; i++)
		if (threads[i].context)
			n += counter_read(&threads[i].context->counters, which);
	return n;
}

/* Sources in use, each once: there are few. */
static struct {
	const struct source *source;
	unsigned taken[PLACES];
} used[2 * LINKS];
static size_t used_count;

static void use(const struct source *of, enum place place)
{
	for (const struct source *s = of; s; s = s->within) {
		size_t i;

		for (i = 0; i < used_count && used[i].source != s; i++)
			;
		if (i == used_count) {
			memset(&used[i], 0, sizeof(used[i]));
			used[used_count++].source = s;
		}
		used[i].taken[place]++;
	}
}

static void use_all(const struct context *context)
{
	for (enum deadline_kind kind = 0; kind < DEADLINE_KINDS; kind++) {
		const struct deadlines *in = &context->deadlines;
		struct deadline *d = deadlines_first(in, kind);

		for (; d; d = deadlines_next(in, kind, d)) {
			const struct connection *c = connection_of(d);

			use(c->source,
				c->arrival ? PLACE_HALF_OPEN : PLACE_SESSION);
		}
	}
}

static void check_sources(void)
{
	used_count = 0;
	for (int i = 0; i < THREADS; i++)
		if (threads[i].context)
			use_all(threads[i].context);
	HOLDS(used_count == server.sources.pool.lent,
		"%zu sources are used, but %zu are known", used_count,
		server.sources.pool.lent);
	for (size_t i = 0; i < used_count; i++) {
		const struct source *s = used[i].source;

		HOLDS(used[i].taken[PLACE_HALF_OPEN] ==
					s->taken[PLACE_HALF_OPEN] &&
				used[i].taken[PLACE_SESSION] ==
					s->taken[PLACE_SESSION],
			"the places of a source are miscounted");
		HOLDS(!server.settings.max_per_source || s->prefix[0] == 6 ||
				used[i].taken[PLACE_HALF_OPEN] +
						used[i].taken[PLACE_SESSION] <=
					(unsigned)
						server.settings.max_per_source,
			"a source has more connections than it may");
	}
}

/* That have their place for good, of all workers. */
static size_t count_settled(void)
{
	size_t n = 0;

	for (int i = 0; i < THREADS; i++) {
		const struct deadlines *in;

		if (!threads[i].context)
			continue;
		in = &threads[i].context->deadlines;
		for (enum deadline_kind kind = 0; kind < DEADLINE_YIELD;
			kind++) {
			struct deadline *d = deadlines_first(in, kind);

			for (; d; d = deadlines_next(in, kind, d))
				n += !connection_of(d)->arrival;
		}
	}
	return n;
}

/* A session that was to yield stays if it asks first: then there is one more,
 * if no other can yield. */
static void check_settled(void)
{
	size_t n = count_settled();

	if (n <= server.sources.limit)
		server.may_exceed = false;
	HOLDS(n <= server.sources.limit || server.may_exceed,
		"%zu connections are to stay, where there may be %lu", n,
		server.sources.limit);
}

static unsigned long count_dealt(void)
{
	return counter_read(&server.acceptor.counters, COUNT_OPENED) -
	       count_of(COUNT_CLOSED);
}

void oracle_calm(void)
{
	unsigned long most =
		server.sources.limit +
		(admission_most(server.sources.limit) - server.sources.limit) /
			2;

	if (!server.is_open)
		return;
	HOLDS(server.sources.admitted == count_lent(),
		"%lu are admitted, but there are %zu connections",
		(unsigned long)server.sources.admitted, count_lent());
	HOLDS(server.sources.admitted <= most,
		"%lu connections, where there may be %lu",
		(unsigned long)server.sources.admitted, most);
	HOLDS(count_dealt() <= (unsigned long)server.acceptor.max_connections,
		"%lu connections are dealt, where there may be %ld",
		count_dealt(), server.acceptor.max_connections);
	check_settled();
	check_sources();
	HOLDS(count_dealt() == network_links_open(),
		"the counters of connections are wrong");
	HOLDS(count_of((enum counter)COMMAND_TIME) +
				count_of((enum counter)COMMAND_DATE) +
				count_of((enum counter)COMMAND_TEMP) ==
			world.requests,
		"the counters of requests are wrong");
}
