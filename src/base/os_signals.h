// SPDX-License-Identifier: MIT
/*
 * Signals: catching them, keeping them from threads, dying of them. Their
 * numbers are those of <signal.h>; another system has another
 * os_signals_*.c, which makes of its own events what it can. Knows nothing of
 * what they mean to a program. Used by the four programs.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/attributes.h"

/* Has it the effect it has by itself? Not if it is ignored, or is not there. */
MUST_CHECK bool os_signals_is_default(int number);
MUST_CHECK bool os_signals_is_ignored(int number);

/*
 * From now on act is called when it comes, and may do only what is
 * async-signal-safe. No other signal comes meanwhile, errno is kept, and calls
 * that were interrupted go on if they can. It comes even if the process was
 * started with it held back.
 */
void os_signals_catch(int number, void (*act)(int number));

/* SIGPIPE and SIGXFSZ then are errors of the call that caused them. */
void os_signals_ignore(int number);

/* If it was caught, it has its own effect again. */
void os_signals_reset(int number);

/* Threads started between these two never see the signals that are caught. */
void os_signals_hold(void);
void os_signals_release(void);

/*
 * An act may be called once more, with no number, some time after it has
 * returned. What calls it is SIGRTMIN: without that, or before the first of
 * these two calls, the second returns false.
 */
enum { OS_SIGNALS_AGAIN = 0 };
void os_signals_prepare_again(void (*act)(int number));
bool os_signals_again(unsigned ms);

/* Ends the process as if the signal, whatever it is, had never been caught. */
void os_signals_die(int number);
