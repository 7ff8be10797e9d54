// SPDX-License-Identifier: MIT
/*
 * The life of a connection, as the server may lead it: why it may end.
 */
#include <string.h>

#include "network.h"
#include "oracle.h"
#include "server.h"
#include "server/connection.h"
#include "server/worker.h"
#include "thread.h"
#include "world.h"

enum { STALLED_MS = 30000, NOTICED_MS = 1200 };

static bool is_of(const struct link *l, const struct address *source)
{
	return l->is_used && l->server == SERVER_HAS &&
	       server_is_one_source(&l->from, source);
}

void oracle_accepted(struct link *l)
{
	unsigned n = 0;

	for (int i = 0; i < LINKS; i++)
		n += is_of(&links[i], &l->from);
	for (int i = 0; i < LINKS; i++)
		if (is_of(&links[i], &l->from) && links[i].trace.crowd < n)
			links[i].trace.crowd = n;
}

void oracle_begun(const struct watch *w)
{
	const struct connection *c = (const struct connection *)w;
	struct trace *t = &network_link(w->fd)->trace;
	const struct choice *choice = &thread_now->choice;

	t->connection = c;
	t->worker = thread_now->context;
	t->begun = t->answer = oracle_moment(thread_now->context);
	/* If nothing ran in between: was the choice made for this source? */
	if (choice->step == world.steps && choice->step) {
		unsigned n = source_taken(c->source, PLACE_HALF_OPEN);

		HOLDS(choice->own == n || choice->own == n + 1,
			"a place is given to a source with %u as if it had %u",
			n, choice->own);
	}
	thread_now->choice = (struct choice){ 0 };
}

void oracle_ends(const struct watch *w)
{
	const struct connection *c = (const struct connection *)w;
	struct trace *t = &network_link(w->fd)->trace;

	t->had_unsent = c->unsent && !c->arrival;
	t->wanted_more = w->wants & LOOP_READ;
	t->had_to_yield = c->deadline_kind == DEADLINE_YIELD;
}

struct closing {
	const struct link *link;
	const struct trace *trace;
	const struct thread *thread;
	const struct context *context;
	bool is_stopping;
};

static bool was_full(const struct closing *c)
{
	return server.sources.admitted > server.sources.limit ||
	       server.over_step >= c->thread->wake;
}

/* A session was chosen earlier, see oracle_admission.c. */
static bool may_yield(const struct closing *c)
{
	return was_full(c) || c->trace->had_to_yield;
}

static bool may_be_full(const struct closing *c)
{
	return was_full(c) || c->thread->faults;
}

struct moment oracle_moment(const struct context *worker)
{
	return (struct moment){ worker->now_ms, world.now_ns, world.stood_ns,
		world.stops };
}

/*
 * Has the worker waited for so long since then? It had to notice a stop of the
 * process that was much longer than it waits at once, which is half of what is
 * left, or a second; and for that it may have waited, in vain, once.
 */
static bool has_passed(
	const struct closing *c, struct moment since, uint64_t span_ms)
{
	struct moment now = oracle_moment(c->context);
	uint64_t stood_ms = (now.stood_ns - since.stood_ns) / 1000000;
	uint64_t ran_ms = (now.ns - since.ns) / 1000000 - stood_ms;
	uint64_t half_ms = span_ms / 2 + NOTICED_MS;
	bool was_noticed = now.stops == since.stops + 1 && stood_ms > half_ms;

	return now.worker_ms - since.worker_ms >= span_ms &&
	       (!was_noticed || ran_ms + half_ms >= span_ms);
}

/*
 * Has anything arrived that it did not look at in this wake? While replies are
 * unsent, or a flight waits for its turn, it need not.
 */
static bool is_unread(const struct closing *c)
{
	const struct flow *up = &c->link->up;

	return c->trace->wanted_more && up->arrived > up->read &&
	       up->arrived_step < c->thread->wake &&
	       up->read_step < c->thread->wake &&
	       c->link->sent_step < c->thread->wake && !c->thread->faults;
}

static bool may_be_late(const struct closing *c)
{
	return has_passed(c, c->trace->begun, server.settings.handshake_ms) &&
	       !is_unread(c);
}

static bool may_be_idle(const struct closing *c)
{
	return server.settings.idle_ms &&
	       has_passed(c, c->trace->answer, server.settings.idle_ms) &&
	       !is_unread(c);
}

static bool may_be_stalled(const struct closing *c)
{
	return c->trace->is_stalled &&
	       has_passed(c, c->trace->stall, STALLED_MS) &&
	       (!network_had_room(c->link, c->thread->wake) ||
		       c->thread->faults);
}

static bool may_be_broken(const struct closing *c)
{
	return !c->trace->is_honest || oracle_is_slow(c->trace) ||
	       (c->trace->end_was_read && c->trace->partly_since_ns);
}

static bool may_have_left(const struct closing *c)
{
	return c->trace->end_was_read || c->link->up.has_ended ||
	       c->link->up.has_reset;
}

static bool may_be_unserved(const struct closing *c)
{
	return !c->trace->is_honest ||
	       (c->trace->is_plain ? server.settings.requires_secure
				   : !c->context->host.identity);
}

static bool may_be_unlisted(const struct closing *c)
{
	return c->context->authorized &&
	       (!c->trace->key ||
		       !authorized_find(c->context->authorized, c->trace->key));
}

static bool may_be_crowded(const struct closing *c)
{
	return server.settings.max_per_source &&
	       c->trace->crowd > (unsigned)server.settings.max_per_source;
}

/* No reason was given: its client has ended it, or the server stops. */
static bool may_be_over(const struct closing *c)
{
	return c->trace->has_ended || c->trace->end_was_read ||
	       c->is_stopping || !c->trace->is_honest;
}

/* clang-format off */
static bool (*const may[COUNTERS])(const struct closing *c) = {
	[COUNT_FULL]      = may_be_full,
	[COUNT_HANDSHAKE] = may_be_late,
	[COUNT_IDLE]      = may_be_idle,
	[COUNT_STALLED]   = may_be_stalled,
	[COUNT_BROKEN]    = may_be_broken,
	[COUNT_LEFT]      = may_have_left,
	[COUNT_UNSERVED]  = may_be_unserved,
	[COUNT_UNLISTED]  = may_be_unlisted,
	[COUNT_CROWDED]   = may_be_crowded,
	[COUNT_YIELDED]   = may_yield,
};
/* clang-format on */

/* Which refusal was counted since this thread last closed a connection? */
static enum counter find_reason(struct thread *t)
{
	enum counter reason = COUNTERS;

	for (enum counter i = COUNT_FULL; i <= COUNT_YIELDED; i++) {
		unsigned long n = counter_read(&t->context->counters, i);

		if (n == t->refused[i])
			continue;
		HOLDS(n == t->refused[i] + 1 && reason == COUNTERS,
			"two refusals are counted for one connection");
		t->refused[i] = n;
		reason = i;
	}
	return reason;
}

/* What can still be sent is. */
static bool may_stop(const struct worker *w, const struct trace *trace)
{
	return w->stopping && (w->is_over || !trace->had_unsent);
}

void oracle_closed(struct link *l)
{
	struct thread *t = thread_now;
	struct trace *trace = &l->trace;
	enum counter reason;
	struct closing c;

	HOLDS(t && t->context, "a connection is closed by no worker");
	/* What was chosen for this one is not of use to the next. */
	if (!trace->connection)
		t->choice = (struct choice){ 0 };
	reason = find_reason(t);
	c = (struct closing){
		.link = l,
		.trace = trace,
		.thread = t,
		.context = t->context,
		.is_stopping = may_stop((struct worker *)t->context, trace),
	};
	if (reason == COUNTERS)
		HOLDS(may_be_over(&c),
			"link %d ends although its client goes on",
			(int)(l - links));
	else
		HOLDS(may[reason](&c), "link %d ends, but not rightly: %s",
			(int)(l - links), counter_name(reason));
	/* What came before the client's end is served. */
	if (reason == COUNTERS && !c.is_stopping && !trace->has_ended &&
		trace->is_honest && !l->up.has_reset)
		HOLDS(l->up.read == l->up.arrived,
			"link %d ends before all was read", (int)(l - links));
	/* Without memory for them, replies are lost, too. */
	trace->had_unsent |= reason == COUNT_FULL;
	trace->connection = NULL;
}
