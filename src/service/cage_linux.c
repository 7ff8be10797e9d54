// SPDX-License-Identifier: MIT
#include "service/cage.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mark.h"
#include "service/landlock.h"
#include "service/system_calls.h"

/*
 * What the running server uses, as seen with strace(1), and why. A name that
 * this architecture does not have is skipped: some have only poll, others only
 * ppoll, and 32-bit ones have their own for a time of 64 bits.
 */
static const char *const allowed[] = {
	/* connections, mailboxes, and the channel to the helper */
	"accept4",
	"read",
	"recv",
	"recvfrom",
	"recvmsg",
	"write",
	"writev",
	"send",
	"sendto",
	"sendmsg",
	"shutdown",
	"close",
	"getsockopt",
	"setsockopt",
	"getsockname",
	"getpeername",
	"socketcall",
	/* the loops; the acceptor opens its own last */
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"epoll_pwait2",
	"poll",
	"ppoll",
	"ppoll_time64",
	/* clocks, where they are not read without a call; and how long a
	 * thread has run */
	"clock_gettime",
	"clock_gettime64",
	"gettimeofday",
	"time",
	"pread64",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"nanosleep",
	/* randomness */
	"getrandom",
	/* memory; but mmap() and mprotect() see below */
	"brk",
	"munmap",
	"mremap",
	"madvise",
	"mlock",
	"mlock2",
	"munlock",
	/* locks, the end of a thread and of the process */
	"futex",
	"futex_time64",
	"sched_yield",
	"sched_getaffinity",
	"set_robust_list",
	"exit",
	"exit_group",
	/* signals; abort() also needs tgkill(), see below */
	"rt_sigreturn",
	"sigreturn",
	"rt_sigprocmask",
	"restart_syscall",
	"gettid",
	"getpid",
};

static const char *name_of(int number)
{
	return number >= 0 && (size_t)number < COUNT_OF(system_calls) &&
			       system_calls[number]
		       ? system_calls[number]
		       : "unknown";
}

static size_t append(char *line, size_t at, size_t size, const char *text)
{
	size_t n = min_size(strlen(text), size - at);

	memcpy(line + at, text, n);
	return at + n;
}

static size_t append_number(char *line, size_t at, size_t size, int number)
{
	char digits[12];
	size_t first = sizeof(digits) - 1;
	unsigned rest = (unsigned)number;

	digits[first] = '\0';
	do
		digits[--first] = (char)('0' + rest % 10);
	while (rest /= 10);
	return append(line, at, size, digits + first);
}

/*
 * A bare kill would be a riddle after an update of the C library. Only with
 * calls that are allowed, and that cannot wait.
 */
static void end(int number, siginfo_t *info, void *context)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[256];
	size_t n = append(line, 0, sizeof(line), "[X] Forbidden system call ");

	(void)context;
	n = append_number(line, n, sizeof(line), info->si_syscall);
	n = append(line, n, sizeof(line), " (");
	n = append(line, n, sizeof(line), name_of(info->si_syscall));
	n = append(line, n, sizeof(line),
		"): the server ends. If this follows an update of the system, "
		"report it; --no-cage allows every call\n");
	if (poll(&out, 1, 0) == 1)
		(void)!write(STDERR_FILENO, line, n);
	_exit(128 + number);
}

static int catch_forbidden(void)
{
	struct sigaction action = {
		.sa_sigaction = end,
		.sa_flags = SA_SIGINFO,
	};

	sigfillset(&action.sa_mask);
	return sigaction(SIGSYS, &action, NULL) ? -errno : 0;
}

static int allow(scmp_filter_ctx filter, const char *name,
	const struct scmp_arg_cmp *condition)
{
	int number = seccomp_syscall_resolve_name(name);
	int error;

	if (number == __NR_SCMP_ERROR)
		return 0;
	error = seccomp_rule_add_array(
		filter, SCMP_ACT_ALLOW, number, condition ? 1 : 0, condition);
	/* What this architecture does not have, it need not allow. */
	return error == -EDOM ? 0 : error;
}

static int allow_all(scmp_filter_ctx filter)
{
	/* Allowed only with such an argument. */
	const struct {
		const char *name;
		struct scmp_arg_cmp condition;
	} limited[] = {
		/* no new code */
		{ "mmap", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ "mmap2", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ "mprotect", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		/* what a socket has not sent, and whether to colour an error */
		{ "ioctl", SCMP_A1(SCMP_CMP_EQ, SIOCOUTQ, 0) },
		{ "ioctl", SCMP_A1(SCMP_CMP_EQ, TCGETS, 0) },
		/* abort() */
		{ "tgkill", SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0) },
	};
	int error = 0;

	for (size_t i = 0; i < COUNT_OF(allowed) && !error; i++)
		error = allow(filter, allowed[i], NULL);
	for (size_t i = 0; i < COUNT_OF(limited) && !error; i++)
		error = allow(filter, limited[i].name, &limited[i].condition);
	return error;
}

/* Those that an old kernel or libseccomp does not know make no difference. */
static void settle(scmp_filter_ctx filter)
{
	seccomp_attr_set(
		filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* Speculation as before: no secret of another process is here. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

static int close_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int error;

	if (!filter)
		return -ENOMEM;
	settle(filter);
	error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!error)
		error = allow_all(filter);
	if (!error)
		error = catch_forbidden();
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}

static void miss(struct cage *cage, const char *what, int error)
{
	size_t n = strlen(cage->missing);

	snprintf(cage->missing + n, sizeof(cage->missing) - n, "%s%s (%s)",
		n ? ", " : "", what,
		error == -ENOSYS || error == -EOPNOTSUPP || error == -EINVAL
			? "not in this kernel"
			: strerror(-error));
}

void cage_close_files(struct cage *cage)
{
	int error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;

	if (!error)
		error = landlock_close("/proc/self/task");
	if (error)
		miss(cage, "Landlock", error);
}

void cage_close_calls(struct cage *cage)
{
	int error = close_calls();

	if (error)
		miss(cage, "a filter of system calls", error);
}
