// SPDX-License-Identifier: MIT
/*
 * All calls in the handlers are async-signal-safe. They leave at once, whatever
 * is being waited for, and though the terminal be stopped: so nothing is
 * written that would have to wait.
 */
#include "client/signals.h"

#include <stdlib.h>

#include "base/os_signals.h"
#include "base/terminal.h"
#include "lib/files.h"

enum {
	TRIES = 50, /* a millisecond apart: more than the 20 of the original */
	RETRY_MS = 1,
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
	{ SIGCHLD, STAYS }, { SIGURG,  STAYS }, { SIGWINCH, STAYS },
};
/* clang-format on */

static struct client *client;
static volatile sig_atomic_t reason, tries;

static enum conduct conduct_of(int number)
{
	for (size_t i = 0; i < COUNT_OF(conducts); i++)
		if (conducts[i].number == number)
			return conducts[i].conduct;
	return DIES;
}

static _Noreturn void leave(int number)
{
	terminal_restore();
	files_abandon();
	if (conduct_of(number) != EXITS)
		os_signals_die(number);
	_Exit(128 + number);
}

static void on_signal(int number)
{
	/* A second one is not the first: that is the reason, and counts. */
	if (!reason && number == OS_SIGNALS_AGAIN)
		return;
	if (!reason)
		reason = number;
	/* Again a little later, when what was interrupted has gone on. */
	if (conduct_of(number) != FAULT && client->smx &&
		smx_leave(client->smx) && tries++ < TRIES &&
		os_signals_again(RETRY_MS))
		return;
	leave(conduct_of(number) == FAULT ? number : reason);
}

void signals_catch(struct client *c)
{
	client = c;
	terminal_keep();
	/* What nohup(1) has us ignore stays ignored; what the system keeps to
	 * itself has no usual effect. */
	for (int number = 1; number < NSIG; number++)
		if (conduct_of(number) != STAYS &&
			os_signals_is_default(number))
			os_signals_catch(number, on_signal);
	os_signals_prepare_again(on_signal);
}

void signals_release(void)
{
	/* A handler that waits for its next turn finds no handle any more. */
	static struct client nobody;

	client = &nobody;
}
