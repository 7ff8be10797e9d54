// SPDX-License-Identifier: MIT
/*
 * What a client says: its session, and the bytes from and to it. The oracle is
 * told of each unit. Knows neither the network nor when the client acts. Used
 * by client.c.
 */
#pragma once

#include "manner.h"
#include "oracle.h"
#include "proto/session.h"

enum { OUT_BYTES = 4096, IN_BYTES = 4096 };

struct client {
	struct session_host host; /* first: the callbacks find the client */
	struct session session;
	struct handshake handshake;
	const struct manner *manner;
	struct link *link;  /* NULL: it is not connected */
	uint64_t next_ns;   /* it asks or connects no sooner … */
	uint64_t reads_ns;  /* … reads … */
	uint64_t leaves_ns; /* … and has gone by then */
	unsigned left;      /* requests */
	bool has_said_goodbye;
	enum command last;
	uint64_t made; /* bytes, in all */
	uint8_t out[OUT_BYTES], in[IN_BYTES];
	size_t out_from, out_len, in_len;
};

static inline bool talk_is_open(const struct client *c)
{
	return c->session.state == SESSION_OPEN;
}

/* Begins a session, as its manner says. */
void talk_begin(struct client *c);

/* May it ask this now, besides what it has asked? */
bool talk_may_ask(const struct client *c, enum command request);

void talk_ask(struct client *c, enum command request);
void talk_end(struct client *c);

/* Bytes that mean nothing. */
void talk_babble(struct client *c, size_t n);

/* Takes what has arrived; false if that is not what the protocol allows. */
MUST_CHECK bool talk_hear(struct client *c);
