// SPDX-License-Identifier: MIT
#include "faults.h"

#include "chance.h"
#include "thread.h"

/* Once in how many occasions, from … to …; 0 means not in this seed. */
static const struct {
	unsigned often, seldom;
	bool is_failure; /* of a call: it excuses a refusal */
} rows[FAULTS] = {
	[FAULT_YIELD] = { 2, 64, false },
	[FAULT_SHORT_READ] = { 2, 64, false },
	[FAULT_SHORT_WRITE] = { 2, 64, false },
	[FAULT_NO_READ] = { 4, 256, true },
	[FAULT_NO_WRITE] = { 4, 256, true },
	[FAULT_CUT] = { 2, 64, false },
	[FAULT_STALL] = { 32, 1024, false },
	[FAULT_EARLY] = { 8, 256, false },
	[FAULT_LOOP_WAIT] = { 64, 2048, true },
	[FAULT_LOOP_ADD] = { 16, 512, true },
	[FAULT_LOOP_TELL] = { 16, 512, true },
	[FAULT_ACCEPT] = { 4, 128, true },
	[FAULT_MEMORY] = { 4, 16, true },
	[FAULT_START] = { 24, 24, true },
	[FAULT_STOP] = { 128, 4096, false },
	[FAULT_LOAD] = { 128, 4096, false },
	[FAULT_CLOCK] = { 512, 4096, false },
	[FAULT_RELOAD] = { 128, 2048, false },
	[FAULT_REPORT] = { 512, 4096, false },
};

static unsigned once_in[FAULTS];

void faults_begin(void)
{
	for (int i = 0; i < FAULTS; i++) {
		unsigned n = rows[i].often;

		while (n < rows[i].seldom && chance_below(2))
			n *= 2;
		once_in[i] = chance_below(2) ? n : 0;
	}
}

void faults_end(enum fault first)
{
	for (int i = (int)first; i < FAULTS; i++)
		once_in[i] = 0;
}

bool fault(enum fault which)
{
	if (!chance_once_in(once_in[which]))
		return false;
	if (rows[which].is_failure && thread_now)
		thread_now->faults++;
	return true;
}
