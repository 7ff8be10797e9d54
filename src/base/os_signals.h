// SPDX-License-Identifier: MIT
/*
 * Signals: catching them, blocking them in threads, and ending the process with
 * one. Their numbers are those of <signal.h>; a port to another system has
 * another os_signals_*.c, which maps its own events as far as it can. Knows
 * nothing of what signals mean to a program. Used by the four programs.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/attributes.h"

/* Does it have its default effect? Not if it is ignored, or does not exist. */
MUST_CHECK bool os_signals_is_default(int number);
MUST_CHECK bool os_signals_is_ignored(int number);

/*
 * From now on act is called when the signal arrives. It may do only what is
 * async-signal-safe. No other signal is delivered meanwhile, errno is
 * preserved, and interrupted calls are resumed if possible. The signal is
 * delivered even if the process was started with it blocked.
 */
void os_signals_catch(int number, void (*act)(int number));

/* SIGPIPE and SIGXFSZ then become errors of the call that caused them. */
void os_signals_ignore(int number);

/* If it was caught, it has its default effect again. */
void os_signals_reset(int number);

/* Threads started between these two never receive the signals caught. */
void os_signals_hold(void);
void os_signals_release(void);

/*
 * An act may be called again, without a number, some time after it has
 * returned. This uses SIGRTMIN: without that, or before the first of these two
 * calls, the second returns false.
 */
enum { OS_SIGNALS_AGAIN = 0 };
void os_signals_prepare_again(void (*act)(int number));
bool os_signals_again(unsigned ms);

/* Ends the process as if the signal, whatever it is, had never been caught. */
void os_signals_die(int number);
