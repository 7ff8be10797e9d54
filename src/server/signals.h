// SPDX-License-Identifier: MIT
/*
 * Signals as a descriptor that becomes readable, so that they are handled where
 * everything else is: in a loop. A signal that arrives several times is handled
 * once. Knows what signals mean only in that a second request to stop is
 * carried out at once.
 */
#pragma once

#include <stdbool.h>

#include "base/attributes.h"

/*
 * Call this before any thread starts. Returns a descriptor that becomes
 * readable when a signal arrives, until signals_hear(); or -errno. Until the
 * loop is said to run, a request to stop is carried out at once, whatever the
 * process is waiting for; other signals are kept for the loop. If SIGINT was
 * ignored, it stays so; SIGXFSZ and SIGPIPE become errors of the write.
 */
MUST_CHECK int signals_open(void);

/* Says whether the loop runs, and so ends the process itself. */
void signals_wait_for_loop(bool loop_runs);

/* Makes that readable, as a signal would. From any thread. */
void signals_call(void);

/* Call this first, before taking any. */
void signals_hear(void);

/*
 * Has this signal arrived since it was last taken? Only for the thread that
 * takes them.
 */
MUST_CHECK bool signals_take(int number);
