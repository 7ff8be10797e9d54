// SPDX-License-Identifier: MIT
/*
 * What goes wrong in a simulation, and how often: a row for each kind. A seed
 * has some kinds and not others, so that each also meets a world in which
 * everything else works. Knows nothing of what a fault does.
 */
#pragma once

#include <stdbool.h>

enum fault {
	FAULT_YIELD,      /* another thread runs before or after a lock */
	FAULT_SHORT_READ, /* fewer bytes than there are */
	FAULT_SHORT_WRITE,
	FAULT_NO_READ, /* -EAGAIN although the loop reported it */
	FAULT_NO_WRITE,
	FAULT_CUT,       /* only a part of what was sent arrives at once */
	FAULT_STALL,     /* … and the rest much later */
	FAULT_EARLY,     /* a wait ends early, as by a signal */
	FAULT_LOOP_WAIT, /* a wait fails */
	FAULT_LOOP_ADD,
	FAULT_LOOP_TELL,
	FAULT_ACCEPT,
	FAULT_MEMORY,
	FAULT_START, /* a part of the server cannot be made */
	FAULT_STOP,  /* the process stands still */
	FAULT_LOAD,  /* the machine is busy */
	FAULT_CLOCK, /* the time of day is set */
	FAULT_RELOAD,
	FAULT_REPORT,
	FAULTS,
};

/* Chooses those of this seed. */
void faults_begin(void);

/* From now on these do not happen, and none of those that follow them above. */
void faults_end(enum fault first);

/* Does it happen now? */
bool fault(enum fault which);
