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

int socket_resolve(
	const char *host, const char *port, int flags, struct addrinfo **result)
{
	const struct addrinfo hints = {
		.ai_flags = flags | AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM,
	};

	(void)host;
	return fake.resolve_error
		       ? fake.resolve_error
		       : getaddrinfo("192.0.2.1", port, &hints, result);
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
	if (s->send_error || s->receive_error)
		return s->send_error ? s->send_error : s->receive_error;
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

ssize_t socket_send_quietly(int fd, const uint8_t *bytes, size_t n)
{
	return socket_send(fd, bytes, n);
}

/* Of what is wanted; an error counts as that, and without a want as itself. */
static short found(int fd, short wants)
{
	unsigned ready = fake_ready(fd);

	if (!wants && fake_of(fd)->receive_error)
		return POLLERR;
	return (short)(wants &
		       ((ready & LOOP_READ ? SOCKET_READ : 0) |
			       (ready & LOOP_WRITE ? SOCKET_WRITE : 0)));
}

int socket_wait_any(struct pollfd *sockets, size_t count, uint64_t deadline_ns)
{
	int ready = 0;

	do
		for (size_t i = 0; i < count; i++) {
			struct pollfd *s = &sockets[i];

			s->revents = 0;
			if (s->fd >= 0)
				s->revents = found(s->fd, s->events);
			ready += s->revents != 0;
		}
	while (!ready && fake_happen(deadline_ns));
	return ready;
}

int socket_wait(int fd, short wants, uint64_t deadline_ns)
{
	struct pollfd one = { .fd = fd, .events = wants };

	return socket_wait_any(&one, 1, deadline_ns) ? one.revents : 0;
}

struct address socket_local(int fd)
{
	return (struct address){
		.ip = { 192, 0, 2, 2 },
		.port = (uint16_t)(fd - FAKE_FD + 40000),
	};
}

struct address socket_remote(int fd)
{
	(void)fd;
	return (struct address){ .ip = { 192, 0, 2, 1 }, .port = 1337 };
}

void socket_close(int fd)
{
	assert(!fake_of(fd)->is_closed);
	if (fake.on_close)
		fake.on_close(fd);
	fake_of(fd)->is_closed = true;
	fake_of(fd)->closed_ns = fake.now_ns;
}

void socket_close_patiently(int fd)
{
	socket_close(fd);
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
