// SPDX-License-Identifier: MIT
/*
 * Preloaded into a server, makes one of its threads do what the cage forbids,
 * as somebody would who has taken it over: ACT names the act, ACT_THREAD the
 * kind of thread. The thread is caught in the call by which its kind is known:
 * the acceptor accepts, a worker closes, the writer of the log writes.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static char room[4096];

/* <sys/socket.h> declares accept4() with types that only it can have. */
enum { AF_UNIX = 1, AF_INET = 2, SOCK_STREAM = 1 };
#define EXPORT __attribute__((visibility("default")))
EXPORT int accept4(int fd, void *peer, unsigned *n, int flags);

/* Raw calls: what a library does besides is not what is tried. */
#define ACT(call, ...)                                                         \
	{                                                                      \
#call, SYS_##call,                                             \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define P(pointer) (long)(uintptr_t)(pointer)

static const struct {
	const char *name;
	long number;
	long arguments[6];
} acts[] = {
	ACT(openat, AT_FDCWD, P("/etc/passwd"), O_RDONLY),
	ACT(memfd_create, P("x"), 0),
	ACT(newfstatat, AT_FDCWD, P("/etc/passwd"), P(room)),
	ACT(readlinkat, AT_FDCWD, P("/proc/self/exe"), P(room), 100),
	ACT(getdents64, 0, P(room), sizeof(room)),
	ACT(unlinkat, AT_FDCWD, P("/nowhere")),
	ACT(renameat2, AT_FDCWD, P("/nowhere"), AT_FDCWD, P("/nowhere2")),
	ACT(mkdirat, AT_FDCWD, P("/nowhere/x"), 0700),
	ACT(linkat, AT_FDCWD, P("/nowhere"), AT_FDCWD, P("/nowhere2")),
	ACT(symlinkat, P("x"), AT_FDCWD, P("/nowhere/x")),
	ACT(fchmodat, AT_FDCWD, P("/nowhere"), 0777),
	ACT(fchownat, AT_FDCWD, P("/nowhere"), 0, 0),
	ACT(execve, P("/bin/sh"), 0, 0),
	ACT(execveat, AT_FDCWD, P("/bin/sh"), 0, 0, 0),
	ACT(clone, SIGCHLD),
	ACT(clone3, P(room), 64),
	ACT(socket, AF_INET, SOCK_STREAM),
	ACT(socketpair, AF_UNIX, SOCK_STREAM, 0, P(room)),
	ACT(connect, 0, P(room), 16),
	ACT(bind, 0, P(room), 16),
	ACT(listen, 0, 1),
	ACT(dup3, 0, 9, 0),
	ACT(fcntl, 0, F_SETFL, 0),
	ACT(ioctl, 0, 0x5412 /* TIOCSTI */, P(room)),
	ACT(kill, 1, 0),
	ACT(tgkill, 1, 1, 0),
	ACT(ptrace, 16 /* PTRACE_ATTACH */, 1),
	ACT(process_vm_readv, 1, P(room), 1, P(room), 1, 0),
	ACT(prctl, 4 /* PR_SET_DUMPABLE */, 1),
	ACT(setresuid, 0, 0, 0),
	ACT(setgroups, 0, 0),
	ACT(capset, P(room), P(room)),
	ACT(prlimit64, 0, 7, P(room), 0),
	ACT(unshare, 0x10000000 /* CLONE_NEWUSER */),
	ACT(setns, 0, 0),
	ACT(mount, P("x"), P("/nowhere"), P("tmpfs"), 0, 0),
	ACT(umount2, P("/nowhere"), 0),
	ACT(chroot, P("/")),
	ACT(chdir, P("/")),
	ACT(bpf, 0, P(room), 0),
	ACT(seccomp, 1, 0, P(room)),
	ACT(io_uring_setup, 1, P(room)),
	ACT(userfaultfd, 0),
	ACT(perf_event_open, P(room), 0, -1, -1, 0),
	ACT(keyctl, 0, 0, 0),
	ACT(rt_sigaction, SIGSYS, 0, 0, 8),
	ACT(mprotect, P(room), 0, PROT_READ | PROT_EXEC),
	ACT(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0),
};

enum { COUNT = sizeof(acts) / sizeof(acts[0]) };

/* Once; what comes back has not been forbidden. */
static void act(const char *thread)
{
	static atomic_bool has_acted;
	const char *name = getenv("ACT"), *wanted = getenv("ACT_THREAD");

	if (!name || !wanted || strcmp(wanted, thread) != 0)
		return;
	for (size_t i = 0; i < COUNT; i++) {
		const long *a = acts[i].arguments;

		if (strcmp(acts[i].name, name) != 0 ||
			atomic_exchange(&has_acted, true))
			continue;
		syscall(acts[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}

int accept4(int fd, void *peer, unsigned *n, int flags)
{
	act("acceptor");
	return (int)syscall(SYS_accept4, fd, peer, n, flags);
}

/* Reached when the connection that the acceptor dealt has ended. */
EXPORT int close(int fd)
{
	act(syscall(SYS_gettid) == getpid() ? "" : "worker");
	return (int)syscall(SYS_close, fd);
}

/* The writer of the log: not until the server is ready, or it is not caged. */
EXPORT ssize_t write(int fd, const void *bytes, size_t n)
{
	if (fd == STDOUT_FILENO && memmem(bytes, n, "Connection received", 19))
		act("log");
	return syscall(SYS_write, fd, bytes, n);
}

/* Their names, for the test. */
__attribute__((constructor)) static void list(void)
{
	const char *name = getenv("ACT");

	if (!name || strcmp(name, "?") != 0)
		return;
	for (size_t i = 0; i < COUNT; i++) {
		syscall(SYS_write, 1, acts[i].name, strlen(acts[i].name));
		syscall(SYS_write, 1, "\n", 1);
	}
	_exit(0);
}
