// SPDX-License-Identifier: MIT
#include "net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/sockios.h>
#endif

#include "base/clock.h"
#include "net/raw.h"

static const int on = 1;

enum {
	ORPHAN_MS = 3000,    /* unsent bytes of a closed socket */
	QUEUE_BYTES = 16384, /* each way, of an accepted socket */
};

int socket_resolve(
	const char *host, const char *port, int flags, struct addrinfo **found)
{
	const struct addrinfo hints = {
		.ai_flags = flags,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
	};

	return getaddrinfo(host, port, &hints, found);
}

static int open_for(const struct addrinfo *address)
{
	int fd = socket(address->ai_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -errno;
	return fd;
}

/* Every message is one send, so Nagle's algorithm would only delay it. */
static int send_at_once(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/*
 * A peer whose machine has vanished is detected by probes: after two minutes of
 * silence, or sooner if the system is configured so.
 */
static void keep_alive(int fd)
{
#ifdef TCP_KEEPIDLE
	static const struct {
		int option, most;
	} rows[] = {
		{ TCP_KEEPIDLE, 120 },
		{ TCP_KEEPINTVL, 15 },
		{ TCP_KEEPCNT, 4 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int value = 0;
		socklen_t size = sizeof(value);

		if (!getsockopt(
			    fd, IPPROTO_TCP, rows[i].option, &value, &size) &&
			value > rows[i].most)
			setsockopt(fd, IPPROTO_TCP, rows[i].option,
				&rows[i].most, sizeof(rows[i].most));
	}
#endif
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/*
 * Bounds what the kernel holds for a peer that sends requests and does not read
 * the replies. (It doubles the value, for its own structures.)
 */
static int bound_buffers(int fd)
{
	static const int bytes = QUEUE_BYTES;

	return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) ||
	       setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

int socket_listen(const struct addrinfo *at, int backlog)
{
	int fd = open_for(at);
	int error;

	if (fd < 0)
		return fd;
	/*
	 * Accepted sockets inherit these options, which saves calls for each.
	 */
	keep_alive(fd);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		send_at_once(fd) || bound_buffers(fd) ||
		bind(fd, at->ai_addr, at->ai_addrlen) || listen(fd, backlog)) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int socket_accept(int listener, struct address *from)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof(peer);
	int fd = accept4(listener, (struct sockaddr *)&peer, &size,
		SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return -errno;
	*from = address_from(&peer);
	return fd;
}

/* All errors that only require another try become one. */
static COLD ssize_t failure(ssize_t error)
{
	return error == -EINTR || error == -EWOULDBLOCK || error == -ENOBUFS
		       ? -EAGAIN
		       : error;
}

ssize_t socket_receive(int fd, uint8_t *bytes, size_t n)
{
	ssize_t got = RAW_READ(fd, bytes, n);

	return got < 0 ? failure(got) : got;
}

ssize_t socket_send(int fd, const uint8_t *bytes, size_t n)
{
	ssize_t sent = RAW_WRITE(fd, bytes, n);

	return sent < 0 ? failure(sent) : sent;
}

ssize_t socket_send_quietly(int fd, const uint8_t *bytes, size_t n)
{
	ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

	return sent < 0 ? failure(-errno) : sent;
}

int socket_wait_any(struct pollfd *sockets, size_t count, uint64_t deadline_ns)
{
	for (;;) {
		uint64_t now = clock_ns();
		uint64_t left_ms =
			now < deadline_ns
				? (deadline_ns - now + 999999) / 1000000
				: 0;
		int n = poll(sockets, (nfds_t)count,
			left_ms < 1000000 ? (int)left_ms : 1000000);

		if (n > 0)
			return n;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0 && clock_ns() >= deadline_ns)
			return 0;
	}
}

int socket_wait(int fd, short wants, uint64_t deadline_ns)
{
	struct pollfd watched = { .fd = fd, .events = wants };
	int n = socket_wait_any(&watched, 1, deadline_ns);

	return n > 0 ? watched.revents : n;
}

/*
 * Where the system supports it, the port is chosen when the peer is known, so
 * that all ports are available for every peer.
 */
static int bind_to(int fd, const struct addrinfo *from)
{
	if (!from)
		return 0;
#ifdef IP_BIND_ADDRESS_NO_PORT
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
#endif
	return bind(fd, from->ai_addr, from->ai_addrlen);
}

int socket_start(const struct addrinfo *to, const struct addrinfo *from)
{
	int fd = open_for(to);
	int error;

	if (fd < 0)
		return fd;
	if (send_at_once(fd) || bind_to(fd, from) ||
		(connect(fd, to->ai_addr, to->ai_addrlen) &&
			errno != EINPROGRESS && errno != EINTR)) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int socket_try_source(const struct addrinfo *from)
{
	int fd = open_for(from);
	int error = fd < 0 ? fd : 0;

	if (!error && bind(fd, from->ai_addr, from->ai_addrlen))
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

int socket_started(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return -errno;
	return -error;
}

static struct address end_of(
	int fd, int (*ask)(int, struct sockaddr *restrict, socklen_t *restrict))
{
	struct sockaddr_storage end = { 0 };
	socklen_t size = sizeof(end);

	if (ask(fd, (struct sockaddr *)&end, &size))
		return (struct address){ 0 };
	return address_from(&end);
}

struct address socket_local(int fd)
{
	return end_of(fd, getsockname);
}

struct address socket_remote(int fd)
{
	return end_of(fd, getpeername);
}

void socket_drop_unsent(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void socket_finish(int fd)
{
	shutdown(fd, SHUT_WR);
}

/* If set any earlier, this timeout would replace that of keep-alive. */
void socket_close(int fd)
{
#if defined(SIOCOUTQ) && defined(TCP_USER_TIMEOUT)
	const unsigned limit_ms = ORPHAN_MS;
	int unsent = 0;

	if (!ioctl(fd, SIOCOUTQ, &unsent) && unsent)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms,
			sizeof(limit_ms));
#endif
	close(fd);
}

void socket_close_patiently(int fd)
{
	close(fd);
}
