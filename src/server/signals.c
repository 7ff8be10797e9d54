// SPDX-License-Identifier: MIT
#include "server/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/files.h"

static const int handled[] = { SIGINT, SIGTERM, SIGUSR1, SIGHUP };

static int slot = -1;
static volatile sig_atomic_t was_told_to_end;
static volatile sig_atomic_t loop_ends_it;
static volatile sig_atomic_t has_come[NSIG];

static _Noreturn void leave(int number)
{
	files_abandon();
	_exit(128 + number);
}

static void on_signal(int number)
{
	int saved_errno = errno;

	if (number == SIGINT || number == SIGTERM) {
		if (was_told_to_end || !loop_ends_it)
			leave(number);
		was_told_to_end = 1;
	}
	has_come[number] = 1;
	/* A full pipe wakes the loop as well. */
	ssize_t written = write(slot, "", 1);

	(void)written;
	errno = saved_errno;
}

static void mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(handled); i++)
		sigaddset(&set, handled[i]);
	pthread_sigmask(how, &set, NULL);
}

/* A shell's background job is not to be ended by the keys of another one. */
static bool stays_ignored(int number)
{
	struct sigaction now;

	return number == SIGINT && sigaction(number, NULL, &now) == 0 &&
	       now.sa_handler == SIG_IGN;
}

int signals_open(void)
{
	struct sigaction action = {
		.sa_handler = on_signal,
		.sa_flags = SA_RESTART,
	};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	slot = ends[1];
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < COUNT_OF(handled); i++)
		if (!stays_ignored(handled[i]))
			sigaction(handled[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	mask(SIG_UNBLOCK);
	return ends[0];
}

void signals_wait_for_loop(bool loop_runs)
{
	loop_ends_it = loop_runs;
}

bool signals_take(int number)
{
	/* In this order: one that comes in between is this one. */
	if (!has_come[number])
		return false;
	has_come[number] = 0;
	return true;
}

void signals_hold(void)
{
	mask(SIG_BLOCK);
}

void signals_release(void)
{
	mask(SIG_UNBLOCK);
}
