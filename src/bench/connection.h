// SPDX-License-Identifier: MIT
/*
 * A connection of the load tester: a session, a socket that never blocks, and
 * what was asked when. Used by the driver that owns it.
 */
#pragma once

#include "bench/driver.h"

enum stage {
	STAGE_NONE, /* no socket */
	STAGE_CONNECTING,
	STAGE_EXCHANGE,
	STAGE_OPEN,
	STAGE_LEAVING, /* END was sent */
};

/* A request under way. */
struct asked {
	uint64_t due_ns, sent_ns;
};

struct connection {
	struct watch watch; /* first: the loop finds the connection */
	uint8_t stage;
	unsigned first, count; /* of asked, a ring */
	uint64_t tried_ns;     /* connecting began: is it counted? */
	uint64_t begun_ns;     /* this stage */
	uint64_t exchange_ns;  /* how long that stage took */
	uint64_t received_ns;  /* the last bytes */
	struct ring idle;      /* in the driver's list of that name */
	struct ring silent;    /* likewise; by received_ns */
	struct session session;
	struct handshake handshake;
	struct asked asked[SESSION_DEPTH_MAX];
	size_t kept; /* bytes of rest: a unit that is not whole yet */
	uint8_t rest[SESSION_KEPT_MAX];
};

/* Who the driver's sessions ask. */
struct session_host connection_host(const struct plan *plan);

/* Starts connecting, at now_ns. index chooses the source address. */
void connection_open(
	struct driver *d, struct connection *c, size_t index, uint64_t now_ns);

/* Its socket is ready for what is awaited. */
void connection_ready(struct driver *d, struct connection *c);

/* Asks as often as the driver lets it, but most times in all; in one send. */
void connection_ask(struct driver *d, struct connection *c, unsigned most);

/* The silence behind what has come is long enough. */
void connection_late(struct driver *d, struct connection *c);

/* Has it been waited for too long? */
void connection_check(struct driver *d, struct connection *c, uint64_t now_ns);

/* Says END, if it can be said, and waits for the server to close. */
void connection_leave(struct driver *d, struct connection *c);

/* Closes it, whatever it is doing; an open session is told END. */
void connection_drop(struct driver *d, struct connection *c);
