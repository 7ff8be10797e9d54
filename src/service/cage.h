// SPDX-License-Identifier: MIT
/*
 * The cage: what this process will never need again it gives up, so that an
 * attacker who takes it over gets no more than its connections. First the files
 * and new connections (Landlock), before any thread is started, then nearly all
 * system calls (a seccomp filter, on every thread). What the system does not
 * offer is left out. A port to another system has another cage_*.c. Used by the
 * program's main thread.
 */
#pragma once

#include <stddef.h>

#include "base/attributes.h"

enum { CAGE_TEXT_BYTES = 200 };

/* What could not be given up, and why; empty if nothing was missing. */
struct cage {
	char missing[CAGE_TEXT_BYTES];
};

/*
 * From now on the process can open no file, and neither connect nor listen; it
 * gets no rights by starting a program. Its own statistics of CPU time stay
 * readable until cage_close_calls().
 */
void cage_close_files(struct cage *cage);

/*
 * From now on any system call that the running server does not use ends it,
 * with a line on standard error that names the call, and status CAGE_STATUS.
 * Call this when all threads have been started.
 */
void cage_close_calls(struct cage *cage);

enum { CAGE_STATUS = 128 + 31 };
