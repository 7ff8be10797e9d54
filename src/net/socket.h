// SPDX-License-Identifier: MIT
/*
 * TCP sockets as smx wants them: non-blocking, closed on exec, sending small
 * messages without delay. Knows neither loops nor what is sent. Used by the
 * server to listen and by the client library to connect.
 */
#pragma once

#include <netdb.h>
#include <poll.h>
#include <stdint.h>

#include "base/attributes.h"
#include "net/address.h"

/*
 * What a name and a port (a number or a service) stand for, TCP only, in the
 * order to be tried. 0, or an EAI_ code of getaddrinfo(3). *found is freed by
 * freeaddrinfo(3).
 */
MUST_CHECK int socket_resolve(
	const char *host, const char *port, int flags, struct addrinfo **found);

/* A listening socket, or -errno. */
MUST_CHECK int socket_listen(const struct addrinfo *at, int backlog);

/*
 * The next connection of a listening socket and who it is from, or -errno:
 * -EAGAIN when there is none.
 */
MUST_CHECK int socket_accept(int listener, struct address *from);

/*
 * Starts connecting, from an address of one's own or NULL: a socket, or -errno.
 * Once it can be written to, socket_started() tells how that went.
 */
MUST_CHECK int socket_start(
	const struct addrinfo *to, const struct addrinfo *from);

/* Can connections come from this address? 0, or -errno: not one of ours. */
MUST_CHECK int socket_try_source(const struct addrinfo *from);

/* 0: connected, or -errno. */
MUST_CHECK int socket_started(int fd);

/*
 * As read(2) and write(2): a count, 0 at the end of the stream, or -errno;
 * -EAGAIN also for what just calls for another try. SIGPIPE has to be ignored.
 */
MUST_CHECK ssize_t socket_receive(int fd, uint8_t *bytes, size_t n);
MUST_CHECK ssize_t socket_send(int fd, const uint8_t *bytes, size_t n);

/* The same where SIGPIPE may have its default effect, as in a library. */
MUST_CHECK ssize_t socket_send_quietly(int fd, const uint8_t *bytes, size_t n);

/* What can be waited for; 0: for the end of the connection only. */
enum { SOCKET_READ = POLLIN, SOCKET_WRITE = POLLOUT };

/*
 * Waits until a socket can be read from or written to: which of both, 0 when
 * the deadline (clock_ns) has passed, or -errno. A signal does not end it.
 */
MUST_CHECK int socket_wait(int fd, short wants, uint64_t deadline_ns);

/* The same of several, of which those with fd -1 are none: how many are ready,
 * by their revents. */
MUST_CHECK int socket_wait_any(
	struct pollfd *sockets, size_t count, uint64_t deadline_ns);

/* The two ends of a connected socket; all zero where the system knows none. */
struct address socket_local(int fd);
struct address socket_remote(int fd);

/* Tells the peer that no more comes, after what has been sent. */
void socket_finish(int fd);

/*
 * Closes it. What the peer has not taken by now the system keeps, but for
 * three seconds only.
 */
void socket_close(int fd);

/* The same, but the system keeps trying: for a client's last word. */
void socket_close_patiently(int fd);

/*
 * Makes the close(2) to come a reset: what is unsent is dropped, and the peer
 * learns at once that something was wrong.
 */
void socket_drop_unsent(int fd);
