// SPDX-License-Identifier: MIT
#include "network.h"

#include <errno.h>
#include <string.h>

#include "chance.h"
#include "faults.h"
#include "net/socket.h"
#include "thread.h"
#include "wakers.h"
#include "world.h"

struct link links[LINKS];

static struct link *backlog[BACKLOG];
static unsigned queued;
static bool listens;

void network_begin(void)
{
	for (int i = 0; i < LINKS; i++)
		links[i].is_used = false;
	queued = 0;
	listens = true;
	wakers_begin();
}

struct link *network_link(int fd)
{
	struct link *l = &links[fd - LINK_FD];

	HOLDS(fd >= LINK_FD && fd < LINK_FD + LINKS && l->is_used,
		"descriptor %d is not a connection", fd);
	HOLDS(l->server == SERVER_HAS, "descriptor %d is closed", fd);
	return l;
}

bool network_had_room(const struct link *l, uint64_t step)
{
	return flow_room(&l->down) && l->down.read_step < step &&
	       l->sent_step < step;
}

void network_deliver(struct link *l, struct flow *f)
{
	struct flow *back = f == &l->up ? &l->down : &l->up;
	bool nobody_reads =
		f == &l->up ? l->server == SERVER_LEFT : l->client_left;

	if (flow_arrive(f) && nobody_reads)
		flow_reset(back);
}

/* --- the clients' ends --- */

static struct link *free_link(void)
{
	for (int i = 0; i < LINKS; i++) {
		struct link *l = &links[i];

		if (!l->is_used || (l->server == SERVER_LEFT && l->client_left))
			return l;
	}
	return NULL;
}

struct link *network_connect(const struct address *from)
{
	struct link *l = free_link();

	if (!l || !listens || queued == BACKLOG)
		return NULL;
	memset(l, 0, sizeof(*l));
	l->is_used = true;
	l->from = *from;
	backlog[queued++] = l;
	return l;
}

bool network_has_room(const struct link *l)
{
	return flow_room(&l->up) > 0 && !l->up.ends && !l->up.resets;
}

bool network_has_news(const struct link *l)
{
	const struct flow *f = &l->down;

	return flow_available(f) || flow_is_over(f);
}

size_t network_write(struct link *l, const uint8_t *bytes, size_t n)
{
	return flow_write(&l->up, bytes, n);
}

/* Instead of bytes. */
static ssize_t ending_of(const struct flow *f)
{
	return f->has_reset ? -ECONNRESET : f->has_ended ? 0 : -EAGAIN;
}

ssize_t network_read(struct link *l, uint8_t *bytes, size_t n)
{
	struct flow *f = &l->down;

	n = flow_read(f, bytes, n);
	return n ? (ssize_t)n : ending_of(f);
}

void network_finish(struct link *l)
{
	flow_end(&l->up);
}

void network_leave(struct link *l, bool resets)
{
	l->client_left = true;
	if (resets || flow_available(&l->down))
		flow_reset(&l->up);
	else if (!l->up.ends)
		network_finish(l);
}

/* --- the server's ends: net/socket.h --- */

static unsigned link_ready(const struct link *l)
{
	const struct flow *f = &l->up;
	unsigned ready = 0;

	if (flow_available(f) || flow_is_over(f))
		ready |= LOOP_READ;
	if (flow_room(&l->down) || f->has_reset)
		ready |= LOOP_WRITE;
	if (f->has_reset || (f->has_ended && l->is_finished))
		ready |= LOOP_HANG_UP;
	return ready;
}

unsigned network_ready(int fd)
{
	if (fd == LISTENER_FD)
		return queued ? LOOP_READ : 0;
	if (fd >= WAKER_FD)
		return waker_is_called(fd) ? LOOP_READ : 0;
	return link_ready(network_link(fd));
}

unsigned network_links_open(void)
{
	unsigned n = 0;

	for (int i = 0; i < LINKS; i++)
		n += links[i].is_used && links[i].server == SERVER_HAS;
	return n;
}

unsigned network_open(void)
{
	return network_links_open() + wakers_open() + listens;
}

int socket_accept(int listener, struct address *from)
{
	static const int errors[] = { EMFILE, ENFILE, ENOMEM, ENOBUFS, EINTR,
		ECONNABORTED, EPROTO };
	struct link *l;

	HOLDS(listener == LISTENER_FD && listens, "accepts when stopped");
	if (fault(FAULT_ACCEPT))
		return -errors[chance_below(COUNT_OF(errors))];
	if (!queued)
		return -EAGAIN;
	l = backlog[0];
	queued--;
	for (unsigned i = 0; i < queued; i++)
		backlog[i] = backlog[i + 1];
	l->server = SERVER_HAS;
	oracle_accepted(l);
	*from = l->from;
	return LINK_FD + (int)(l - links);
}

ssize_t socket_receive(int fd, uint8_t *bytes, size_t n)
{
	struct link *l = network_link(fd);
	struct flow *f = &l->up;

	thread_now->link = (int)(l - links);
	if (flow_available(f) && fault(FAULT_NO_READ))
		return -EAGAIN;
	n = flow_read(f, bytes, n);
	if (n) {
		oracle_received(l);
		return (ssize_t)n;
	}
	l->trace.end_was_read |= flow_is_over(f);
	return ending_of(f);
}

ssize_t socket_send(int fd, const uint8_t *bytes, size_t n)
{
	struct link *l = network_link(fd);
	struct flow *f = &l->down;

	HOLDS(!l->is_finished, "sends after the end of its stream");
	l->sent_step = world.steps;
	if (l->up.has_reset) {
		l->trace.end_was_read = true;
		return chance_below(2) ? -EPIPE : -ECONNRESET;
	}
	if (!n)
		return 0;
	if (!flow_room(f) || fault(FAULT_NO_WRITE))
		return -EAGAIN;
	return (ssize_t)flow_write(f, bytes, n);
}

void socket_finish(int fd)
{
	struct link *l = network_link(fd);

	HOLDS(!l->is_finished, "ends its stream twice");
	l->is_finished = true;
	flow_end(&l->down);
}

void socket_drop_unsent(int fd)
{
	network_link(fd)->is_dropped = true;
}

static void stop_listening(void)
{
	HOLDS(listens, "closes the listener twice");
	listens = false;
	for (unsigned i = 0; i < queued; i++) {
		backlog[i]->server = SERVER_LEFT;
		flow_reset(&backlog[i]->down);
	}
	queued = 0;
}

void socket_close(int fd)
{
	struct link *l;

	if (fd == LISTENER_FD) {
		stop_listening();
		return;
	}
	l = network_link(fd);
	oracle_closed(l);
	l->server = SERVER_LEFT;
	if (l->is_dropped || flow_available(&l->up)) {
		flow_reset(&l->down);
		return;
	}
	flow_end(&l->down);
}

int socket_wait(int fd, short wants, uint64_t deadline_ns)
{
	thread_wait(WAIT_SOCKET, NULL, fd, deadline_ns);
	return network_ready(fd) & LOOP_READ ? wants : 0;
}
