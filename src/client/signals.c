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

#include "lib/files.h"

enum {
	TRIES = 50, /* a millisecond apart: more than the 20 of the original */
	RETRY_NS = 1000000,
};

/*
 * What a signal does here that is not simply the end: every other one, and
 * there are more of them than POSIX names, ends the client, which then dies of
 * it.
 */
enum conduct {
	DIES,
	EXITS, /* with 128 and the number */
	FAULT, /* a mistake of the program's: nothing is said any more */
	STAYS, /* it stops, goes on, or is nothing to us */
};

/* clang-format off */
static const struct {
	int number;
	enum conduct conduct;
} conducts[] = {
	{ SIGINT,  EXITS }, { SIGTERM, EXITS }, { SIGHUP,  EXITS },
	{ SIGSEGV, FAULT }, { SIGBUS,  FAULT }, { SIGFPE,  FAULT },
	{ SIGILL,  FAULT }, { SIGABRT, FAULT }, { SIGSYS,  FAULT },
	{ SIGTRAP, FAULT },
	{ SIGKILL, STAYS }, { SIGSTOP, STAYS }, { SIGTSTP, STAYS },
	{ SIGTTIN, STAYS }, { SIGTTOU, STAYS }, { SIGCONT, STAYS },
	{ SIGCHLD, STAYS }, { SIGURG,  STAYS },
#ifdef SIGWINCH
	{ SIGWINCH, STAYS },
#endif
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

static enum conduct conduct_of(int number)
{
	for (size_t i = 0; i < COUNT_OF(conducts); i++)
		if (conducts[i].number == number)
			return conducts[i].conduct;
	return DIES;
}

static _Noreturn void leave(int number)
{
	const struct sigaction deadly = { .sa_handler = SIG_DFL };
	sigset_t one;

	restore_terminal();
	files_abandon();
	if (conduct_of(number) != EXITS) {
		sigemptyset(&one);
		sigaddset(&one, number);
		sigaction(number, &deadly, NULL);
		raise(number);
		sigprocmask(SIG_UNBLOCK, &one, NULL);
	}
	_exit(128 + number);
}

/* Again a little later, when what was interrupted has gone on. */
static bool try_later(void)
{
	const struct itimerspec span = { .it_value.tv_nsec = RETRY_NS };

	return has_timer && tries++ < TRIES &&
	       !timer_settime(retry, 0, &span, NULL);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	bool is_retry = number == SIGRTMIN && info->si_code == SI_TIMER;

	(void)context;
	/* A second one is not the first: that is the reason, and counts. */
	if (!reason && is_retry)
		return;
	if (!reason)
		reason = number;
	if (conduct_of(number) != FAULT && client->smx &&
		smx_leave(client->smx) && try_later())
		return;
	leave(conduct_of(number) == FAULT ? number : reason);
}

void signals_catch(struct client *c)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN };
	struct sigaction action = { .sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO };
	struct sigaction old;

	client = c;
	has_terminal = isatty(STDOUT_FILENO) &&
		       tcgetattr(STDIN_FILENO, &terminal) == 0;
	sigfillset(&action.sa_mask);
	for (int number = 1; number <= SIGRTMAX; number++)
		/* What nohup(1) has us ignore stays ignored; what the system
		 * keeps to itself cannot be asked about. */
		if (conduct_of(number) != STAYS &&
			!sigaction(number, NULL, &old) &&
			old.sa_handler == SIG_DFL)
			sigaction(number, &action, NULL);
	has_timer = !sigaction(SIGRTMIN, NULL, &old) &&
		    old.sa_flags & SA_SIGINFO &&
		    !timer_create(CLOCK_MONOTONIC, &event, &retry);
}

void signals_release(void)
{
	/* A handler that waits for its next turn finds no handle any more. */
	static struct client nobody;

	client = &nobody;
}
