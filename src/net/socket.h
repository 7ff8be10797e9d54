// SPDX-License-Identifier: MIT
/*
 * TCP sockets as smx needs them: non-blocking, closed on exec, sending small
 * messages without delay. Knows neither loops nor what is sent. Used by the
 * server to listen and by clients to connect.
 */
#pragma once

#include <netdb.h>
#include <poll.h>
#include <stdint.h>

#include "base/attributes.h"
#include "net/address.h"

/*
 * Resolves a name and a port (a number or a service), for TCP only, in the
 * order in which the addresses should be tried. 0, or an EAI_ code of
 * getaddrinfo(3). Free *found with freeaddrinfo(3).
 */
MUST_CHECK int socket_resolve(
	const char *host, const char *port, int flags, struct addrinfo **found);

/* A listening socket, or -errno. */
MUST_CHECK int socket_listen(const struct addrinfo *at, int backlog);

/*
 * Accepts the next connection of a listening socket and returns its peer's
 * address; or -errno: -EAGAIN if there is none.
 */
MUST_CHECK int socket_accept(int listener, struct address *from);

/*
 * Starts connecting, from a local address or NULL: returns a socket, or -errno.
 * Once it can be written to, socket_started() returns the result.
 */
MUST_CHECK int socket_start(
	const struct addrinfo *to, const struct addrinfo *from);

/*
 * Can connections be made from this address? 0, or -errno if it is not local.
 */
MUST_CHECK int socket_try_source(const struct addrinfo *from);

/* 0: connected, or -errno. */
MUST_CHECK int socket_started(int fd);

/*
 * Like read(2) and write(2): a count, 0 at the end of the stream, or -errno;
 * -EAGAIN also for errors that only require another try. SIGPIPE must be
 * ignored.
 */
MUST_CHECK ssize_t socket_receive(int fd, uint8_t *bytes, size_t n);
MUST_CHECK ssize_t socket_send(int fd, const uint8_t *bytes, size_t n);

/* The same, where SIGPIPE may have its default effect, as in a library. */
MUST_CHECK ssize_t socket_send_quietly(int fd, const uint8_t *bytes, size_t n);

/* What can be awaited; 0: only the end of the connection. */
enum { SOCKET_READ = POLLIN, SOCKET_WRITE = POLLOUT };

/*
 * Waits until a socket can be read from or written to: returns which of both, 0
 * if the deadline (clock_ns) has passed, or -errno. A signal does not end the
 * wait.
 */
MUST_CHECK int socket_wait(int fd, short wants, uint64_t deadline_ns);

/*
 * The same for several sockets; those with fd -1 are ignored. Returns how many
 * are ready; see their revents.
 */
MUST_CHECK int socket_wait_any(
	struct pollfd *sockets, size_t count, uint64_t deadline_ns);

/* The ends of a connected socket; all zero if the system does not know them. */
struct address socket_local(int fd);
struct address socket_remote(int fd);

/* Tells the peer that nothing more will follow what has been sent. */
void socket_finish(int fd);

/*
 * Closes it. The system keeps what the peer has not yet taken, but only for
 * three seconds.
 */
void socket_close(int fd);

/* The same, but the system keeps trying: for a client's END. */
void socket_close_patiently(int fd);

/*
 * Makes the following close(2) a reset: unsent data is dropped, and the peer
 * learns at once that something was wrong.
 */
void socket_drop_unsent(int fd);
