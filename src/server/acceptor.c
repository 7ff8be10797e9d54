// SPDX-License-Identifier: MIT
#include "server/acceptor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/socket.h"
#include "server/signals.h"

enum {
	ACCEPT_BATCH = 64,
	PAUSE_MS = 100, /* when the system has no descriptor or memory left */
};

struct turn {
	struct acceptor *acceptor;
	struct loop *loop;
	struct watch listener, signals;
	size_t next_worker;
	bool paused;
	bool stopping;
};

static long sessions_now(struct acceptor *a)
{
	unsigned long closed = 0;

	for (size_t i = 0; i < a->worker_count; i++)
		closed += counted(&a->workers[i]->counters, COUNT_CLOSED);
	return (long)(counted(&a->counters, COUNT_OPENED) - closed);
}

static void deal(struct turn *t, int fd, const struct address *peer)
{
	struct acceptor *a = t->acceptor;

	if (sessions_now(a) >= a->max_connections) {
		count(&a->counters, COUNT_FULL);
		refusals_say(&a->refusals, a->log, clock_ms(), COUNT_FULL, peer,
			NULL);
		close(fd);
		return;
	}
	count(&a->counters, COUNT_OPENED);
	worker_deal(a->workers[t->next_worker], fd, peer);
	t->next_worker = (t->next_worker + 1) % a->worker_count;
}

/*
 * Without descriptors, connections stay in the kernel's queue: the listener
 * keeps being ready, so it is not asked for a while, and then again.
 */
static void set_paused(struct turn *t, bool paused)
{
	t->paused = loop_change(t->loop, &t->listener,
			    paused ? 0 : LOOP_READ) == 0 &&
		    paused;
}

static void accept_some(struct turn *t)
{
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct address peer;
		int fd = socket_accept(t->acceptor->listener, &peer);

		if (fd >= 0) {
			deal(t, fd, &peer);
			continue;
		}
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS ||
			fd == -ENOMEM)
			set_paused(t, true);
		if (fd == -ECONNABORTED || fd == -EPROTO)
			continue; /* it left while it queued */
		return;
	}
}

static void report(struct acceptor *a)
{
	struct counters *all[1 + THREADS_MAX];

	all[0] = &a->counters;
	for (size_t i = 0; i < a->worker_count; i++)
		all[1 + i] = &a->workers[i]->counters;
	counters_report(a->log, all, 1 + a->worker_count);
}

/* The order to stop first: it waits for no list, however often that is read. */
static void take_signals(struct turn *t)
{
	char bytes[512]; /* what they leave there ends another wait */

	if (read(t->signals.fd, bytes, sizeof(bytes)) < 0)
		return;
	t->stopping = signals_take(SIGINT) || signals_take(SIGTERM);
	if (!t->stopping && signals_take(SIGUSR1))
		report(t->acceptor);
	if (!t->stopping && signals_take(SIGHUP))
		t->acceptor->reload(t->acceptor);
}

static int serve(struct turn *t)
{
	while (!t->stopping) {
		int n = loop_wait(t->loop, t->paused ? PAUSE_MS : -1);
		struct watch *ready;

		if (n < 0)
			return n;
		if (n == 0 && t->paused)
			set_paused(t, false);
		while ((ready = loop_next(t->loop))) {
			if (ready == &t->signals)
				take_signals(t);
			else
				accept_some(t);
		}
	}
	return 0;
}

int acceptor_run(struct acceptor *a)
{
	struct turn t = {
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
		error = serve(&t);
	refusals_flush(&a->refusals, a->log);
	loop_close(t.loop);
	return error;
}
