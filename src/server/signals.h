// SPDX-License-Identifier: MIT
/*
 * Signals as bytes in a pipe, so that they are handled where everything else
 * is: in a loop. Knows what they mean only so far as that a second request to
 * end is carried out on the spot.
 */
#pragma once

#include "base/attributes.h"

/*
 * To be called before any thread is started. Returns the end to read the
 * signals' numbers from, or -errno. Threads started between signals_open() and
 * signals_here() never see them.
 */
MUST_CHECK int signals_open(void);

/* From now on the calling thread takes the signals. */
void signals_here(void);
