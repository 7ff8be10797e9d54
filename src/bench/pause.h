// SPDX-License-Identifier: MIT
/*
 * Whether a thread of the load tester did not run for a while (a stopped
 * process, a machine that is far too busy): then nothing is late before
 * everything that has arrived has been read, and the report says it. Knows
 * no connection and reads no clock. Used by a driver.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: at the beginning. */
struct pause {
	uint64_t woke_ns;  /* last; 0: never yet */
	uint64_t stood_ns; /* in all */
	uint64_t ended_ns; /* the last pause: deadlines count from there */
	size_t looks;      /* that judging still waits for */
};

/*
 * A wait of asked_ns has ended: was that a pause? For reading everything it
 * takes at most as many waits as so many connections fill batches.
 */
void pause_woke(struct pause *p, uint64_t now_ns, uint64_t asked_ns,
	size_t connections);

/* Has nothing been left unread? found is what a wait of asked_ns returned. */
bool pause_is_over(struct pause *p, uint64_t asked_ns, int found);
