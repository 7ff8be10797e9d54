// SPDX-License-Identifier: MIT
/*
 * All calls in the handlers are async-signal-safe. They leave at once, whatever
 * is being waited for, and though the terminal be stopped: so nothing is
 * written that would have to wait.
 */
#include "client/signals.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	TRIES = 50, /* a millisecond apart: more than the 20 of the original */
	RETRY_NS = 1000000,
};

/* clang-format off */
static const struct leaving {
	int number;
	bool exits;   /* with 128 and the number; else it dies of the signal */
	bool is_ours; /* a mistake of the program's: nothing is said any more */
} leavings[] = {
	{ SIGINT,    true,  false }, { SIGTERM, true,  false },
	{ SIGHUP,    true,  false },
	{ SIGQUIT,   false, false }, { SIGALRM, false, false },
	{ SIGPIPE,   false, false }, { SIGXCPU, false, false },
	{ SIGXFSZ,   false, false }, { SIGUSR1, false, false },
	{ SIGUSR2,   false, false }, { SIGPROF, false, false },
	{ SIGVTALRM, false, false },
	{ SIGSEGV,   false, true  }, { SIGBUS,  false, true  },
	{ SIGFPE,    false, true  }, { SIGILL,  false, true  },
	{ SIGABRT,   false, true  }, { SIGSYS,  false, true  },
	{ SIGTRAP,   false, true  },
};
/* clang-format on */

static struct client *client;
static struct termios terminal; /* as it was before the prompt changed it */
static bool has_terminal;
static timer_t retry;
static bool has_timer;
static volatile sig_atomic_t reason, tries;

/* A terminal that is another job's by now is left alone. */
static void restore_terminal(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	pid_t owner;

	if (!has_terminal)
		return;
	owner = tcgetpgrp(STDIN_FILENO); /* -1: not our session's terminal */
	if (owner >= 0 && owner != getpgrp())
		return;
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
	if (poll(&out, 1, 0) == 1) {
		ssize_t written = write(STDOUT_FILENO, "\n", 1);

		(void)written;
	}
}

static _Noreturn void leave(const struct leaving *why)
{
	const struct sigaction deadly = { .sa_handler = SIG_DFL };
	sigset_t one;

	restore_terminal();
	if (!why->exits) {
		sigemptyset(&one);
		sigaddset(&one, why->number);
		sigaction(why->number, &deadly, NULL);
		raise(why->number);
		sigprocmask(SIG_UNBLOCK, &one, NULL);
	}
	_exit(128 + why->number);
}

/* Again a little later, when what was interrupted has gone on. */
static bool try_later(void)
{
	const struct itimerspec span = { .it_value.tv_nsec = RETRY_NS };

	return has_timer && tries++ < TRIES &&
	       !timer_settime(retry, 0, &span, NULL);
}

static const struct leaving *leaving_of(int number)
{
	const struct leaving *l = leavings;

	while (l->number != number)
		l++;
	return l;
}

static void on_signal(int number)
{
	const struct leaving *why;

	/* The timer's, or a second one: the first reason counts. */
	if (!reason && number == SIGRTMIN)
		return;
	if (!reason)
		reason = number;
	why = leaving_of(reason);
	if (!why->is_ours && client->smx && smx_leave(client->smx) &&
		try_later())
		return;
	leave(why);
}

static void on_fault(int number)
{
	leave(leaving_of(number));
}

void signals_catch(struct client *c)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN };
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction old;

	client = c;
	has_terminal = isatty(STDOUT_FILENO) &&
		       tcgetattr(STDIN_FILENO, &terminal) == 0;
	sigfillset(&action.sa_mask);
	has_timer = !sigaction(SIGRTMIN, &action, NULL) &&
		    !timer_create(CLOCK_MONOTONIC, &event, &retry);
	for (size_t i = 0; i < COUNT_OF(leavings); i++) {
		action.sa_handler = leavings[i].is_ours ? on_fault : on_signal;
		/* What nohup(1) has us ignore stays ignored. */
		if (!sigaction(leavings[i].number, NULL, &old) &&
			old.sa_handler == SIG_DFL)
			sigaction(leavings[i].number, &action, NULL);
	}
}

void signals_release(void)
{
	/* A handler that waits for its next turn finds no handle any more. */
	static struct client nobody;

	client = &nobody;
}
