// SPDX-License-Identifier: MIT
#include "base/os_signals.h"

#include <errno.h>
#include <time.h>

static void (*acts[NSIG])(int number);
static timer_t again;
static bool has_again;

bool os_signals_is_default(int number)
{
	struct sigaction now;

	return !sigaction(number, NULL, &now) && now.sa_handler == SIG_DFL;
}

bool os_signals_is_ignored(int number)
{
	struct sigaction now;

	return !sigaction(number, NULL, &now) && now.sa_handler == SIG_IGN;
}

static void call_act(int number, siginfo_t *info, void *context)
{
	bool is_again = number == SIGRTMIN && info->si_code == SI_TIMER;
	int saved_errno = errno;

	(void)context;
	acts[number](is_again ? OS_SIGNALS_AGAIN : number);
	errno = saved_errno;
}

static void set_effect(int number, void (*effect)(int))
{
	const struct sigaction action = { .sa_handler = effect };

	sigaction(number, &action, NULL);
}

static void mask(int how, int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(how, &set, NULL);
}

void os_signals_catch(int number, void (*act)(int number))
{
	struct sigaction action = {
		.sa_sigaction = call_act,
		.sa_flags = SA_RESTART | SA_SIGINFO,
	};

	acts[number] = act;
	sigfillset(&action.sa_mask);
	if (sigaction(number, &action, NULL))
		acts[number] = NULL;
	else
		mask(SIG_UNBLOCK, number);
}

void os_signals_ignore(int number)
{
	set_effect(number, SIG_IGN);
}

void os_signals_reset(int number)
{
	if (acts[number])
		set_effect(number, SIG_DFL);
}

static void mask_caught(int how)
{
	for (int number = 1; number < NSIG; number++)
		if (acts[number])
			mask(how, number);
}

void os_signals_hold(void)
{
	mask_caught(SIG_BLOCK);
}

void os_signals_release(void)
{
	mask_caught(SIG_UNBLOCK);
}

void os_signals_prepare_again(void (*act)(int number))
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN };

	if (os_signals_is_ignored(SIGRTMIN))
		return;
	os_signals_catch(SIGRTMIN, act);
	has_again = !timer_create(CLOCK_MONOTONIC, &event, &again);
}

bool os_signals_again(unsigned ms)
{
	const struct itimerspec span = {
		.it_value = { .tv_sec = ms / 1000,
			.tv_nsec = (long)(ms % 1000) * 1000000 },
	};

	return has_again && !timer_settime(again, 0, &span, NULL);
}

void os_signals_die(int number)
{
	set_effect(number, SIG_DFL);
	raise(number);
	mask(SIG_UNBLOCK, number);
}
