// SPDX-License-Identifier: MIT
/*
 * Detects that a thread of the load generator did not run for a while (the
 * process was stopped, or the machine is far too busy). Then no deadline counts
 * before everything that has arrived was read, and the report mentions it.
 * Knows no connection and reads no clock. Used by group.c.
 *
 * server/pace.h, for the server's workers, looks similar and shares nothing: a
 * worker subtracts the time that it worked or waited for a processor, lest a
 * load hold back its deadlines, and the time of all its deadlines moves. Here
 * such time is a pause like any other, since it falsifies the measurement.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero at the beginning. */
struct pause {
	uint64_t woke_ns;  /* the last wake; 0: none yet */
	uint64_t stood_ns; /* in all */
	uint64_t ended_ns; /* when the last pause ended */
	size_t looks;      /* waits to go before deadlines count again */
};

/*
 * A wait of asked_ns has ended. If it was far too long, that was a pause; then
 * so many connections need a bounded number of waits to be read.
 */
void pause_woke(struct pause *p, uint64_t now_ns, uint64_t asked_ns,
	size_t connections);

/* Has everything been read? found is what a wait of asked_ns returned. */
bool pause_is_over(struct pause *p, uint64_t asked_ns, int found);
