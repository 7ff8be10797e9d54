// SPDX-License-Identifier: MIT
/*
 * A network without a kernel: it stands in for net/socket.h, net/wake.h and
 * net/loop.h. A link is a connection of one client, with a flow of bytes in
 * each direction. Links know nothing of each other, so that any order between
 * them can occur. Knows nothing of what the bytes mean.
 */
#pragma once

#include "flow.h"
#include "net/address.h"
#include "net/loop.h"
#include "oracle.h"

enum {
	LINKS = 96,
	BACKLOG = 48,
	LINK_FD = 1000, /* of the first link; the server's end of it */
	WAKER_FD = 2000,
	LISTENER_FD = 3000,
	LOOP_HANG_UP = 4, /* reported whatever a watch wants */
};

struct link {
	bool is_used;
	enum { SERVER_QUEUED, SERVER_HAS, SERVER_LEFT } server;
	bool is_finished, is_dropped; /* by the server */
	bool client_left;
	struct flow up, down; /* to the server, to the client */
	uint64_t sent_step;   /* of the world, when the server last tried */
	struct address from;
	struct trace trace;
};

extern struct link links[LINKS];

void network_begin(void);

/* Something arrives, in a flow of that link. */
void network_deliver(struct link *l, struct flow *f);

/* LOOP_READ, LOOP_WRITE, LOOP_HANG_UP; of a descriptor of the server. */
unsigned network_ready(int fd);
bool network_loop_is_ready(const struct loop *l);

/* What the server still has open: links, wakers, loops. */
unsigned network_open(void);
unsigned network_links_open(void);

/* For clients. A connection, or NULL if none can be made now. */
struct link *network_connect(const struct address *from);
size_t network_write(struct link *l, const uint8_t *bytes, size_t n);
/* A count, 0 at the end, -EAGAIN or -ECONNRESET. */
ssize_t network_read(struct link *l, uint8_t *bytes, size_t n);
bool network_has_room(const struct link *l);
bool network_has_news(const struct link *l);
void network_finish(struct link *l);
void network_leave(struct link *l, bool resets);

/* Could the server have written since that step, and did not try? */
bool network_had_room(const struct link *l, uint64_t step);

/* The link of a descriptor. */
struct link *network_link(int fd);
