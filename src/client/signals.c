// SPDX-License-Identifier: MIT
/*
 * All calls in the handlers are async-signal-safe. They end the program at
 * once, during any wait, and even if the terminal is stopped: so nothing is
 * written that would have to wait.
 */
#include "client/signals.h"

#include <stdlib.h>

#include "base/os_signals.h"
#include "lib/files.h"
#include "terminal/terminal.h"

enum {
	TRIES = 50, /* a millisecond apart: longer than the original's pause of
		       20 */
	RETRY_MS = 1,
};

/*
 * The signals that do not simply end the client. Every other one, including
 * those that POSIX does not name, ends the client, which then dies of it.
 */
enum conduct {
	DIES,
	EXITS, /* with status 128 plus the number */
	FAULT, /* an error in the program: nothing is sent any more */
	STAYS, /* it stops, continues, or does nothing */
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

static _Noreturn void leave_for_good(int number)
{
	terminal_restore();
	files_abandon();
	if (conduct_of(number) != EXITS)
		os_signals_die(number);
	_Exit(128 + number);
}

static void leave_on_signal(int number)
{
	/* The first signal counts, not a second one. */
	if (!reason && number == OS_SIGNALS_AGAIN)
		return;
	if (!reason)
		reason = number;
	/*
	 * Tries again a little later, when the interrupted code has continued.
	 */
	if (conduct_of(number) != FAULT && client->smx &&
		smx_leave(client->smx) && tries++ < TRIES &&
		os_signals_again(RETRY_MS))
		return;
	leave_for_good(conduct_of(number) == FAULT ? number : reason);
}

void signals_catch(struct client *c)
{
	client = c;
	terminal_keep();
	/*
	 * Signals that nohup(1) ignores stay ignored; those that the system
	 * reserves have no default effect.
	 */
	for (int number = 1; number < NSIG; number++)
		if (conduct_of(number) != STAYS &&
			os_signals_is_default(number))
			os_signals_catch(number, leave_on_signal);
	os_signals_prepare_again(leave_on_signal);
}

void signals_release(void)
{
	/*
	 * A handler that is waiting for its next try finds no handle any more.
	 */
	static struct client nobody;

	client = &nobody;
}
