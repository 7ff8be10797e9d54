// SPDX-License-Identifier: MIT
/*
 * What must hold, whatever happens: checked where it happens, and after every
 * step. It knows what each client has asked, what the server has told whom, and
 * why a connection may end; and it looks into the workers. A simulation in
 * which something does not hold ends at once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "net/loop.h"
#include "proto/session.h"

enum { UNITS = 128, ANSWERS = 64 };

enum unit_kind { UNIT_FLIGHT, UNIT_REQUEST, UNIT_END };

struct answer {
	bool is_number;
	uint32_t number;
	struct timespec when;
	uint32_t zones; /* one of these: see oracle_zones() */
};

/* What is known of a link. */
struct trace {
	/* By its client. */
	bool is_honest;     /* it keeps to the protocol */
	bool is_plain;      /* its exchange has no borders */
	const uint8_t *key; /* of the client; NULL: none */
	struct unit {
		uint64_t end; /* in the stream */
		enum unit_kind kind;
	} units[UNITS]; /* not yet read */
	unsigned units_made, units_read;

	/* By the server. */
	bool end_was_read; /* of the stream, or an error */
	bool has_ended;    /* END was read */
	bool was_slow;     /* a plain request in two parts: see there */
	uint64_t partly_since_ns;
	unsigned requests, answered, replied;
	struct answer answers[ANSWERS];
	const struct connection *connection;
	const struct context *worker;
	struct moment {
		uint64_t worker_ms, ns; /* a worker's time, the world's … */
		uint64_t stood_ns;
		unsigned stops; /* … and of this, so much was a stop */
	} begun, answer, stall;
	bool is_stalled, had_unsent, had_to_yield, wanted_more;
	unsigned crowd; /* the most that its source has had meanwhile */
};

struct context;
struct link;
struct thread;

#define HOLDS(condition, ...)                                                  \
	do {                                                                   \
		if (!(condition))                                              \
			oracle_fails(__VA_ARGS__);                             \
	} while (0)

/* Says what does not hold, and in which seed, and ends the process. */
_Noreturn void oracle_fails(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* A client: has made a unit that ends there; was sent a reply; its connection
 * has ended, at the end of the stream or by an error. */
void oracle_made(struct link *l, enum unit_kind kind, uint64_t end);
void oracle_replied(
	struct link *l, enum command request, const struct reply *reply);
void oracle_left(struct link *l, unsigned unanswered, bool at_end);

/*
 * Over xor, nothing shows where a request ends: a part of one is taken for one
 * when no more of it has come for a second. That is the protocol's, so of such
 * a session nothing more is expected than that it can end.
 */
bool oracle_is_slow(const struct trace *t);

struct moment oracle_moment(const struct context *worker);

/* Bytes of all the replies that the client has yet to take. */
size_t oracle_reply_bytes(const struct link *l);

/* The server: has accepted, begun, read from, is about to close or closes a
 * connection. */
void oracle_accepted(struct link *l);
void oracle_begun(const struct watch *w);
void oracle_ends(const struct watch *w);
void oracle_received(struct link *l);
void oracle_closed(struct link *l);

/* … has drawn a temperature, or looked at the time of day, for a reply. */
void oracle_drew(uint32_t number);
void oracle_told(const struct timespec *when);

/* … changes its zone, and has told one of its workers so. */
void oracle_zone(void);
void oracle_zone_told(const struct context *worker);

/* … has logged a line. */
void oracle_logged(const char *line);

/* Something else may happen now, as at a lock: were there ever too many? */
void oracle_looks(void);

/* After each step: a thread ran; no thread is in the middle of something. */
void oracle_ran(struct thread *t);
void oracle_calm(void);

/* The server has ended. */
void oracle_end(void);
