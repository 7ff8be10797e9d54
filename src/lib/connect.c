// SPDX-License-Identifier: MIT
#include "lib/connect.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "net/socket.h"

enum { DELAY_MS = 250 }; /* RFC 8305, 5: Connection Attempt Delay */

struct race {
	const struct addrinfo *to[CONNECT_ADDRESSES_MAX]; /* in order */
	struct pollfd tries[CONNECT_ADDRESSES_MAX];       /* fd -1: none */
	uint64_t begun_ns[CONNECT_ADDRESSES_MAX];
	unsigned count, started, running;
	int error; /* the most informative failure */
	const struct addrinfo *failed;
};

/* The families alternate, beginning with that of the first address. */
static void line_up(struct race *r, const struct addrinfo *found)
{
	const struct addrinfo *next[2] = { found, found };

	while ((next[0] || next[1]) && r->count < CONNECT_ADDRESSES_MAX)
		for (int other = 0; other < 2; other++) {
			const struct addrinfo *a = next[other];

			while (a && (a->ai_family != found->ai_family) != other)
				a = a->ai_next;
			if (a && r->count < CONNECT_ADDRESSES_MAX)
				r->to[r->count++] = a;
			next[other] = a ? a->ai_next : NULL;
		}
}

/*
 * How informative is a failure? That a machine answered says most; that this
 * one has no route to an address says least.
 */
static int weight(int error)
{
	/* clang-format off */
	static const struct { int error, weight; } weights[] = {
		{ ECONNREFUSED,  5 }, { EACCES,       4 }, { EPERM,     4 },
		{ EHOSTUNREACH,  2 }, { ENETUNREACH,  1 },
		{ EADDRNOTAVAIL, 1 }, { EAFNOSUPPORT, 1 }, { 0,         0 },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT_OF(weights); i++)
		if (weights[i].error == error)
			return weights[i].weight;
	return 3;
}

static void fail(struct race *r, unsigned i, int error)
{
	if (weight(error) <= weight(r->error))
		return;
	r->error = error;
	r->failed = r->to[i];
}

static void start_next(struct race *r)
{
	unsigned i = r->started++;
	int fd;

	r->begun_ns[i] = clock_ns();
	fd = socket_start(r->to[i], NULL);
	r->tries[i] =
		(struct pollfd){ .fd = fd < 0 ? -1 : fd, .events = POLLOUT };
	if (fd < 0)
		fail(r, i, -fd);
	else
		r->running++;
}

/* The index of one that is connected, or -1; those that failed are closed. */
static int find_winner(struct race *r)
{
	for (unsigned i = 0; i < r->started; i++) {
		struct pollfd *p = &r->tries[i];
		int error;

		if (p->fd < 0 || !p->revents)
			continue;
		error = socket_started(p->fd);
		if (!error)
			return (int)i;
		fail(r, i, -error);
		socket_close(p->fd);
		p->fd = -1;
		r->running--;
	}
	return -1;
}

/* Waits until something has happened or the moment has come. */
static void wait_until(struct race *r, uint64_t until)
{
	if (socket_wait_any(r->tries, r->started, until) <= 0)
		for (unsigned i = 0; i < r->started; i++)
			r->tries[i].revents = 0;
}

static int run_race(struct race *r, unsigned timeout_ms)
{
	uint64_t now = clock_ns();
	uint64_t deadline = now + (uint64_t)timeout_ms * 1000000;
	/* If there is little time, every address gets a share of it. */
	uint64_t delay =
		(uint64_t)1000000 *
		min_size(DELAY_MS, timeout_ms / (r->count ? r->count : 1));
	uint64_t next = now;
	int winner = -1;

	while (winner < 0 && (r->running || r->started < r->count)) {
		unsigned running = r->running;
		bool all_started = r->started == r->count;

		now = clock_ns();
		if (now >= deadline && r->started) {
			/*
			 * This process may not have run for long: what has
			 * arrived counts.
			 */
			wait_until(r, now);
			winner = find_winner(r);
			break;
		}
		if (!all_started && (now >= next || !r->running)) {
			start_next(r);
			next = r->running == running ? now : now + delay;
			continue;
		}
		wait_until(r, all_started || next > deadline ? deadline : next);
		winner = find_winner(r);
		if (r->running < running)
			next = now;
	}
	return winner;
}

int connect_first(const struct addrinfo *found, unsigned timeout_ms,
	uint64_t *begun_ns, struct address *failed)
{
	struct race r = { 0 };
	struct sockaddr_storage storage = { 0 };
	int winner, fd = -1;

	line_up(&r, found);
	winner = run_race(&r, timeout_ms);
	if (winner >= 0) {
		fd = r.tries[winner].fd;
		*begun_ns = r.begun_ns[winner];
	}
	for (unsigned i = 0; i < r.started; i++) {
		if ((int)i == winner || r.tries[i].fd < 0)
			continue;
		fail(&r, i, ETIMEDOUT);
		socket_close(r.tries[i].fd);
	}
	if (fd >= 0)
		return fd;
	if (!r.failed)
		r.failed = found;
	memcpy(&storage, r.failed->ai_addr, r.failed->ai_addrlen);
	*failed = address_from(&storage);
	return r.error ? -r.error : -ETIMEDOUT;
}
