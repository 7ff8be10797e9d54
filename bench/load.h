// SPDX-License-Identifier: MIT
/*
 * What the parts of load share: its options, its connections, and how they are
 * opened. load.c says what load is.
 */
#pragma once

#include <netdb.h>

#include "proto/session.h"

enum {
	CONNECTIONS_MAX = 28000,
	REQUESTS_MAX = 10000000,
	DEPTH_MAX = SESSION_DEPTH_MAX,
	BYTES_MAX = 1024,
	PATIENCE = 10, /* seconds */
};

/* The command line; a size_t that is named like a flag is 0 or 1. */
struct options {
	size_t xor, secure, wait, together, equally, handshakes;
	size_t connections, idle, depth, requests;
	size_t request_bytes, reply_bytes;
	const char *text; /* of a request, NUL-terminated; or NULL */
	const char *host, *port;
};

extern struct options opt;

/* Exits when something is wrong with them. */
void options_parse(char **argv);

/* A decimal number between these bounds; exits if it is not. */
size_t options_number(const char *text, size_t least, size_t most);

static inline bool has_session(void)
{
	return opt.xor || opt.secure;
}

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
