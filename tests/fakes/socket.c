// SPDX-License-Identifier: MIT
#include "net/socket.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/fakes.h"
#include "net/loop.h"

struct fake_world fake;

int fake_end(void **state)
{
	(void)state;
	for (int i = 0; i < fake.socket_count; i++)
		free(fake.sockets[i]);
	memset(&fake, 0, sizeof(fake));
	return 0;
}

int fake_begin(void **state)
{
	fake_end(state);
	fake.now_ns = 1000000000000;
	fake.listener = -1;
	return 0;
}

int fake_open(void)
{
	struct fake_socket *s = calloc(1, sizeof(*s));

	assert(s && fake.socket_count < FAKE_SOCKETS);
	s->room = SIZE_MAX;
	fake.sockets[fake.socket_count] = s;
	return FAKE_FD + fake.socket_count++;
}

struct fake_socket *fake_of(int fd)
{
	assert(fd >= FAKE_FD && fd - FAKE_FD < fake.socket_count);
	return fake.sockets[fd - FAKE_FD];
}

void fake_send(int fd, const void *bytes, size_t n)
{
	struct fake_socket *s = fake_of(fd);

	if (s->in_read == s->in_len)
		s->in_read = s->in_len = 0;
	assert(n <= sizeof(s->in) - s->in_len);
	memcpy(s->in + s->in_len, bytes, n);
	s->in_len += n;
}

static bool is_readable(const struct fake_socket *s)
{
	return s->in_read < s->in_len || s->has_end || s->receive_error;
}

static bool is_writable(const struct fake_socket *s)
{
	return s->room || s->send_error || s->receive_error || s->started;
}

unsigned fake_ready(int fd)
{
	struct pollfd real = { .fd = fd, .events = POLLIN };

	if (fd == fake.listener)
		return fake.accepted < fake.accept_count ? LOOP_READ : 0;
	if (fd < FAKE_FD)
		return poll(&real, 1, 0) > 0 ? LOOP_READ : 0;
	assert(!fake_of(fd)->is_closed);
	return (is_readable(fake_of(fd)) ? LOOP_READ : 0) |
	       (is_writable(fake_of(fd)) ? LOOP_WRITE : 0);
}

int socket_accept(int listener, struct address *from)
{
	int result = -EAGAIN;

	assert(listener == fake.listener);
	if (fake.accepted < fake.accept_count)
		result = fake.accepts[fake.accepted++];
	if (result < 0)
		return result;
	result = fake_open();
	*from = (struct address){
		.ip = { 192, 0, 2, 1 },
		.port = (uint16_t)fake.socket_count,
	};
	return result;
}

int socket_start(const struct addrinfo *to, const struct addrinfo *from)
{
	int fd;

	(void)to;
	if (fake.start_error)
		return fake.start_error;
	fd = fake_open();
	fake_of(fd)->from = from;
	if (fake.on_start)
		fake.on_start(fd);
	return fd;
}

int socket_started(int fd)
{
	return fake_of(fd)->started;
}

ssize_t socket_receive(int fd, uint8_t *bytes, size_t n)
{
	struct fake_socket *s = fake_of(fd);
	size_t got = min_size(n, s->in_len - s->in_read);

	assert(!s->is_closed);
	s->receives++;
	if (!got && s->receive_error)
		return s->receive_error;
	if (!got)
		return s->has_end ? 0 : -EAGAIN;
	memcpy(bytes, s->in + s->in_read, got);
	s->in_read += got;
	return (ssize_t)got;
}

ssize_t socket_send(int fd, const uint8_t *bytes, size_t n)
{
	struct fake_socket *s = fake_of(fd);
	size_t taken = min_size(n, s->room);

	assert(!s->is_closed && !s->is_finished);
	s->sends++;
	if (s->send_error)
		return s->send_error;
	if (!taken && n)
		return -EAGAIN;
	assert(taken <= sizeof(s->out) - s->out_len);
	memcpy(s->out + s->out_len, bytes, taken);
	s->out_len += taken;
	if (s->room != SIZE_MAX)
		s->room -= taken;
	if (fake.on_send)
		fake.on_send(fd);
	return (ssize_t)taken;
}

int socket_wait(int fd, short events, uint64_t deadline_ns)
{
	while (!(fake_ready(fd) & LOOP_READ))
		if (!fake_happen(deadline_ns))
			return 0;
	return events;
}

void socket_close(int fd)
{
	assert(!fake_of(fd)->is_closed);
	if (fake.on_close)
		fake.on_close(fd);
	fake_of(fd)->is_closed = true;
	fake_of(fd)->closed_ns = fake.now_ns;
}

void socket_drop_unsent(int fd)
{
	assert(!fake_of(fd)->is_closed);
	fake_of(fd)->is_dropped = true;
}

void socket_finish(int fd)
{
	assert(!fake_of(fd)->is_closed && !fake_of(fd)->is_finished);
	fake_of(fd)->is_finished = true;
}
