// SPDX-License-Identifier: MIT
/*
 * Signals as a pipe that becomes readable, so that they are handled where
 * everything else is: in a loop. However often one comes meanwhile, it is
 * handled once. Knows what they mean only so far as that a second request to
 * end is carried out on the spot.
 */
#pragma once

#include <stdbool.h>

#include "base/attributes.h"

/*
 * To be called before any thread is started. Returns the end where a byte
 * arrives for each signal, to be read away; or -errno. Threads started between
 * signals_open() and signals_here() never see them.
 */
MUST_CHECK int signals_open(void);

/* Has this one come since it was taken last? By the thread that takes them. */
MUST_CHECK bool signals_take(int number);

/* From now on the calling thread takes the signals. */
void signals_here(void);
