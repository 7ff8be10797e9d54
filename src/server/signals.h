// SPDX-License-Identifier: MIT
/*
 * Signals as a descriptor that becomes readable, so that they are handled where
 * everything else is: in a loop. However often one comes meanwhile, it is
 * handled once. Knows what they mean only so far as that a second request to
 * end is carried out on the spot.
 */
#pragma once

#include <stdbool.h>

#include "base/attributes.h"

/*
 * To be called before any thread is started. Returns what becomes readable when
 * a signal comes, until signals_hear(); or -errno. Until it is said that
 * the loop runs, a request to end is carried out on the spot, whatever the
 * process is waiting for; what else comes is kept for the loop. A SIGINT that
 * was ignored stays so; SIGXFSZ and SIGPIPE become errors of their write.
 */
MUST_CHECK int signals_open(void);

/* From now on the loop ends the process, or does no longer. */
void signals_wait_for_loop(bool loop_runs);

/* First of all, before any is taken. */
void signals_hear(void);

/* Has this one come since it was taken last? By the thread that takes them. */
MUST_CHECK bool signals_take(int number);
