// SPDX-License-Identifier: MIT
/*
 * A thread of the load tester: its share of the connections, its own loop, its
 * part of the schedule, and its tally. It decides what leaves when;
 * connection.c does it. Knows no output.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/ring.h"
#include "bench/pause.h"
#include "bench/plan.h"
#include "bench/tally.h"
#include "net/loop.h"

struct connection;

/* What all drivers share with the thread that started them. */
struct run {
	const struct plan *plan;
	_Atomic uint64_t start_ns;     /* nothing is asked before; 0: not yet */
	_Atomic bool is_interrupted;   /* nothing more is asked */
	_Atomic long left;             /* of plan->requests */
	_Atomic long opened, finished; /* drivers that have come so far */
};

enum { DRIVER_READ_BYTES = 4096, DRIVER_SEND_BYTES = 2048 };

struct driver {
	struct session_host host; /* first: the callbacks find the driver */
	struct run *run;
	const struct plan *plan;
	long index; /* among plan->threads */
	pthread_t thread;
	struct loop *loop;

	struct connection *connections;
	size_t count;
	size_t tried;       /* connections that were begun at least once */
	size_t opening;     /* those between connect and open */
	size_t alive;       /* those that have not failed for good */
	size_t sockets;     /* that are open */
	size_t under_way;   /* requests without reply */
	struct ring idle;   /* open loop: could ask at once */
	struct ring silent; /* a reply is over if no more comes */

	bool is_closing;     /* nothing more leaves */
	uint64_t start_ns;   /* as in run, once it is known */
	uint64_t counted_ns; /* what is due from here … */
	uint64_t until_ns;   /* … to here is counted */
	uint64_t scheduled;  /* open loop: requests that have left */
	uint64_t sweep_ns;   /* when to look for what takes too long */
	uint64_t ended_ns;   /* the last counted reply */
	uint64_t stopped_ns; /* nothing was left to do */
	uint64_t cpu_ns;     /* processor time between start and end … */
	uint64_t ran_ns;     /* … and what it was out of */
	uint64_t stood_ns;   /* of that, while the thread did not run */
	struct pause pause;
	unsigned turn; /* of the commands, in a mix */
	int error;     /* why it could not go on, or 0 */

	struct tally tally;
	uint8_t in[SESSION_KEPT_MAX + DRIVER_READ_BYTES];
	uint8_t out[DRIVER_SEND_BYTES];
};

/* Starts the thread: 0 or -errno. It ends by itself, see driver_join(). */
MUST_CHECK int driver_start(struct driver *d, struct run *run, long index);

/* Waits for its end; the tally remains. */
void driver_join(struct driver *d);

/* --- what connection.c asks of its driver, and tells it --- */

/*
 * May a request leave now? Then it is taken from the budget or the schedule:
 * when it should have left.
 */
bool driver_next(struct driver *d, uint64_t now_ns, uint64_t *due_ns);

enum command driver_command(struct driver *d);

/* It can be asked, for the first time or again. */
void driver_free(struct driver *d, struct connection *c);

/* It has no socket any more; failed: not of its own will. */
void driver_closed(struct driver *d, struct connection *c, bool failed);
