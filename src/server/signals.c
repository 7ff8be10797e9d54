// SPDX-License-Identifier: MIT
#include "server/signals.h"

#include <stdlib.h>

#include "base/os_signals.h"
#include "lib/files.h"
#include "net/wake.h"

static const int handled[] = { SIGINT, SIGTERM, SIGUSR1, SIGHUP };

static struct waker waker;
static volatile sig_atomic_t was_told_to_end;
static volatile sig_atomic_t loop_ends_it;
static volatile sig_atomic_t has_come[NSIG];

static void heed_signal(int number)
{
	if (number == SIGINT || number == SIGTERM) {
		if (was_told_to_end || !loop_ends_it) {
			files_abandon();
			_Exit(128 + number);
		}
		was_told_to_end = 1;
	}
	has_come[number] = 1;
	waker_wake(&waker);
}

/* A shell's background job must not be ended by Ctrl-C in another one. */
static bool stays_ignored(int number)
{
	return number == SIGINT && os_signals_is_ignored(number);
}

int signals_open(void)
{
	int error = waker_open(&waker);

	if (error)
		return error;
	for (size_t i = 0; i < COUNT_OF(handled); i++)
		if (!stays_ignored(handled[i]))
			os_signals_catch(handled[i], heed_signal);
	os_signals_ignore(SIGPIPE);
	os_signals_ignore(SIGXFSZ);
	return waker.fd;
}

void signals_wait_for_loop(bool loop_runs)
{
	loop_ends_it = loop_runs;
}

void signals_call(void)
{
	waker_wake(&waker);
}

void signals_hear(void)
{
	waker_clear(&waker);
}

bool signals_take(int number)
{
	/*
	 * In this order: a signal that arrives in between counts as this one.
	 */
	if (!has_come[number])
		return false;
	has_come[number] = 0;
	return true;
}
