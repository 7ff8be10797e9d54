// SPDX-License-Identifier: MIT
#include "server/acceptor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/os.h"
#include "net/socket.h"
#include "server/signals.h"

enum {
	ACCEPT_BATCH = 64,
	PAUSE_MS = 100, /* if accepting fails, for whatever reason */
	FULL_MS = 5,    /* a crowd at the door must not cost much either */
};

struct round {
	struct acceptor *acceptor;
	struct loop *loop;
	struct watch listener, signals;
	size_t next_worker;
	uint64_t paused_until_ns; /* 0: it accepts */
	bool has_said_why;        /* since accepting last worked */
	bool stopping;
};

/*
 * The worker with the fewest connections, of equals the next in turn; near the
 * limit simply the next, since one where connections give way keeps its number,
 * and would get all newcomers until it had none left that can. NULL: the
 * workers have yet to decide who of those that were dealt is refused.
 */
static struct worker *choose_worker(struct round *t)
{
	struct acceptor *a = t->acceptor;
	struct worker *chosen = NULL;
	unsigned long most = (unsigned long)a->max_connections;
	unsigned long fewest = ULONG_MAX, all = 0;

	for (size_t i = 0; i < a->worker_count; i++) {
		struct worker *w =
			a->workers[(t->next_worker + i) % a->worker_count];
		unsigned long n = w->dealt - counter_read(&w->context.counters,
						     COUNT_CLOSED);

		all += n;
		if (n < fewest) {
			fewest = n;
			chosen = w;
		}
	}
	if (all >= most)
		return NULL;
	return all < most - most / 8 ? chosen : a->workers[t->next_worker];
}

static void deal(
	struct round *t, struct worker *w, int fd, const struct address *peer)
{
	w->dealt++;
	t->next_worker = (t->next_worker + 1) % t->acceptor->worker_count;
	counter_add(&t->acceptor->counters, COUNT_OPENED);
	mail_deal(&w->mailbox, fd, peer);
}

/*
 * While accepting fails, connections stay in the kernel's queue: the listener
 * stays ready, so it is left alone for a while, and then tried again.
 */
static void pause_for(struct round *t, int error)
{
	if (!t->has_said_why)
		peer_log_wait(&t->acceptor->peer_log, error);
	t->has_said_why = true;
	t->paused_until_ns = clock_ns() + PAUSE_MS * 1000000ull;
}

/* The client left while queued, or a signal arrived: there may be another. */
static bool concerns_one(int error)
{
	return error == -ECONNABORTED || error == -EPROTO || error == -EINTR;
}

static void accept_some(struct round *t)
{
	bool worked = false;
	int fd = 0;

	for (int i = 0; i < ACCEPT_BATCH && (fd >= 0 || concerns_one(fd));
		i++) {
		struct worker *w = choose_worker(t);
		struct address peer;

		if (!w) {
			os_rest_ms(FULL_MS);
			return;
		}
		fd = socket_accept(t->acceptor->listener, &peer);
		if (fd >= 0) {
			deal(t, w, fd, &peer);
			worked = true;
		}
	}
	/* All that were queued are in, not just one for each that left. */
	if (fd >= 0 || fd == -EAGAIN)
		t->has_said_why = false;
	if (fd < 0 && fd != -EAGAIN && !(worked && concerns_one(fd)))
		pause_for(t, fd);
}

static void report_all(struct acceptor *a)
{
	struct counters *all[1 + THREADS_MAX];

	all[0] = &a->counters;
	for (size_t i = 0; i < a->worker_count; i++)
		all[1 + i] = &a->workers[i]->context.counters;
	counters_report(a->log, all, 1 + a->worker_count);
	a->report(a);
}

/*
 * The order to stop comes first: it waits for no list, however often that is
 * read.
 */
static void take_signals(struct round *t)
{
	signals_hear();
	t->stopping = signals_take(SIGINT) || signals_take(SIGTERM);
	if (!t->stopping && signals_take(SIGUSR1))
		report_all(t->acceptor);
	if (!t->stopping && signals_take(SIGHUP))
		t->acceptor->reload(t->acceptor);
}

/* Signals only: however many arrive, the pause ends in time. */
static void wait_paused(struct round *t)
{
	int ready = socket_wait(t->signals.fd, SOCKET_READ, t->paused_until_ns);

	if (ready < 0) /* poll(2) itself fails; so check, but not often */
		os_rest_ms(10);
	if (ready)
		take_signals(t);
	if (clock_ns() >= t->paused_until_ns)
		t->paused_until_ns = 0;
}

static void remind_if_due(struct acceptor *a)
{
	if (!a->remind_ns || clock_ns() < a->remind_ns)
		return;
	a->remind_ns = 0;
	a->remind(a);
}

/* What is due besides connections and signals: returns when the next is. */
static uint64_t look_after(struct acceptor *a)
{
	uint64_t report_ns = peer_log_report(&a->peer_log);

	remind_if_due(a);
	return a->remind_ns && (!report_ns || a->remind_ns < report_ns)
		       ? a->remind_ns
		       : report_ns;
}

static void go_round(struct round *t)
{
	while (!t->stopping) {
		uint64_t next_ns = look_after(t->acceptor);
		struct watch *ready;
		int n;

		if (t->paused_until_ns) {
			wait_paused(t);
			continue;
		}
		n = next_ns ? loop_wait_until(t->loop, next_ns)
			    : loop_wait(t->loop, -1);
		if (n < 0) /* out of memory, perhaps for a while */
			pause_for(t, n);
		while ((ready = loop_next(t->loop))) {
			if (ready == &t->signals)
				take_signals(t);
			else
				accept_some(t);
		}
	}
}

int acceptor_run(struct acceptor *a)
{
	struct round t = {
		.acceptor = a,
		.listener = { .fd = a->listener },
		.signals = { .fd = a->signals },
		.loop = loop_open(),
	};
	int error = t.loop ? 0 : -errno;

	if (!error)
		error = loop_add(t.loop, &t.listener, LOOP_READ);
	if (!error)
		error = loop_add(t.loop, &t.signals, LOOP_READ);
	if (!error)
		go_round(&t);
	loop_close(t.loop);
	return error;
}
