// SPDX-License-Identifier: MIT
/*
 * The connections of load, and how they are opened. Knows nothing of what is
 * asked over them.
 */
#pragma once

#include <netdb.h>

#include "proto/session.h"

enum { PATIENCE = 10 }; /* seconds */

struct connection {
	int fd;
	struct session session;
	struct handshake handshake;
	size_t kept;      /* bytes of rest: a reply that is not whole yet */
	size_t allowance; /* requests that it may still make in this run */
	size_t due;       /* replies under way; of a bare peer, bytes */
	uint64_t left_at; /* when their requests left, ns */
	uint8_t rest[SESSION_KEPT_MAX];
};

/* What sessions are run with; .replied is its owner's to set. */
extern struct session_host host;

/* Gives host a key. */
void open_init(void);

/* Connects n of them to a server, and runs their exchanges, all at once. */
void open_batch(const struct addrinfo *to, struct connection *c, size_t n);

/* opt.idle that are silent; nothing is kept of them but the descriptor. */
void open_idle(const struct addrinfo *to);

/* opt.connections that epoll watches; each event's data.ptr is one of them. */
struct connection *open_active(const struct addrinfo *to, int epoll);

/* Or exits. */
void send_whole(int fd, const uint8_t *bytes, size_t len);
