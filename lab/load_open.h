// SPDX-License-Identifier: MIT
/*
 * The connections of load, and how they are opened. Knows nothing of what is
 * asked over them. Used by load.c.
 */
#pragma once

#include <netdb.h>

#include "proto/session.h"

enum { PATIENCE = 10 }; /* seconds */

struct connection {
	int fd;
	struct session session;
	struct handshake handshake;
	size_t kept;      /* bytes of rest: a reply that is incomplete */
	size_t allowance; /* requests that it may still send in this run */
	size_t due; /* replies that are awaited; without a session, bytes */
	uint64_t left_at; /* when their requests left, ns */
	uint8_t rest[SESSION_KEPT_MAX];
};

/* Shared by all sessions; load.c sets .replied. */
extern struct session_host host;

/* Gives host a key pair. */
void open_init(void);

/* Connects n of them to a server, and runs all their exchanges at once. */
void open_batch(const struct addrinfo *to, struct connection *c, size_t n);

/* Opens opt.idle connections that stay silent; nothing but their descriptors
 * is kept. */
void open_idle(const struct addrinfo *to);

/* Opens opt.connections, which epoll watches; each event's data.ptr is one of
 * them. */
struct connection *open_active(const struct addrinfo *to, int epoll);

/* Exits if the system does not take all of it. */
void send_whole(int fd, const uint8_t *bytes, size_t len);
