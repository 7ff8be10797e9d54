// SPDX-License-Identifier: MIT
/*
 * A library to be preloaded: it counts the calls that a program makes of the
 * functions in a table, and lets one of them fail. $SMX_TORTURE names a file of
 * the driver's that is mapped and shared: which call is to fail and how stands
 * in it, and how many there have been. Without that, everything is passed on.
 *
 * A wrapper does not know what the function takes: on the machines that we know
 * six registers hold the first arguments of any function that is in the table,
 * and one holds the result. Used by tests/torture/.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* How a function says that it failed. */
enum form {
	MINUS,   /* -1, and errno */
	NOTHING, /* NULL, and errno */
	NUMBER,  /* the error itself */
	AFTER,   /* -1, and errno; but it has done its work */
};

/*
 * The function, its form, and how it can fail: names for the driver. With "~"
 * before it, a failure passes: the next call succeeds. With "^" only the first
 * call can fail in that way, and then all do. Functions whose errors depend on
 * what is written or read have two more rows, see kind_of().
 */
/* clang-format off */
#define FUNCTIONS(X)                                                           \
	X(malloc, NOTHING, "ENOMEM")                                           \
	X(calloc, NOTHING, "ENOMEM")                                           \
	X(realloc, NOTHING, "ENOMEM")                                          \
	X(strdup, NOTHING, "ENOMEM")                                           \
	X(posix_memalign, NUMBER, "ENOMEM")                                    \
	X(mmap, MINUS, "ENOMEM")                                               \
	X(munmap, AFTER, "ENOMEM")                                             \
	X(mprotect, MINUS, "ENOMEM EACCES")                                    \
	X(mlock, MINUS, "ENOMEM EPERM EAGAIN")                                 \
	X(munlock, MINUS, "ENOMEM EPERM")                                      \
	X(madvise, MINUS, "EINVAL")                                            \
	X(open, MINUS, "EACCES EMFILE ENFILE ENOMEM EIO EROFS ENOSPC ~EINTR")  \
	X(access, MINUS, "EACCES EIO")                                         \
	X(stat, MINUS, "EACCES EIO ENOMEM")                                    \
	X(lstat, MINUS, "EACCES EIO ENOMEM")                                   \
	X(fstat, MINUS, "EIO ENOMEM")                                          \
	X(readlink, MINUS, "EACCES EIO")                                       \
	X(mkdir, MINUS, "EACCES ENOSPC EROFS")                                 \
	X(mkostemp, MINUS, "EACCES EMFILE ENOSPC EROFS")                       \
	X(rename, MINUS, "EACCES EIO ENOSPC EXDEV")                            \
	X(link, MINUS, "EPERM EIO ENOSPC EMLINK")                              \
	X(linkat, MINUS, "EPERM EIO ENOSPC ENOENT")                            \
	X(unlink, MINUS, "EACCES EIO EBUSY")                                   \
	X(fchmod, MINUS, "EPERM EIO EROFS")                                    \
	X(fchown, MINUS, "EPERM EIO EROFS")                                    \
	X(fsync, MINUS, "EIO ENOSPC EINVAL")                                   \
	X(flock, MINUS, "ENOLCK EOPNOTSUPP ~EWOULDBLOCK ~EINTR")               \
	X(close, AFTER, "EIO ~EINTR")                                          \
	X(read, MINUS, "EIO ENOMEM ~EINTR")                                    \
	X(write, MINUS, "EIO ENOSPC EFBIG ~EINTR")                             \
	X(pipe, MINUS, "EMFILE ENFILE")                                        \
	X(pipe2, MINUS, "EMFILE ENFILE")                                       \
	X(socket, MINUS, "EMFILE ENFILE ENOMEM ENOBUFS EACCES EAFNOSUPPORT")   \
	X(bind, MINUS, "EADDRINUSE EACCES EADDRNOTAVAIL")                      \
	X(listen, MINUS, "EADDRINUSE")                                         \
	X(connect, MINUS, "ECONNREFUSED ENETUNREACH ETIMEDOUT EADDRNOTAVAIL "  \
			  "EPERM ~EINTR")                                      \
	X(accept4, MINUS, "EMFILE ENFILE ENOMEM ENOBUFS EPERM ~ECONNABORTED "  \
			  "~EPROTO ~EINTR ~EAGAIN")                            \
	X(setsockopt, MINUS, "ENOMEM ENOBUFS ENOPROTOOPT")                     \
	X(getsockopt, MINUS, "ENOBUFS ENOPROTOOPT")                            \
	X(getsockname, MINUS, "ENOBUFS")                                       \
	X(getpeername, MINUS, "ENOTCONN ENOBUFS")                              \
	X(shutdown, MINUS, "ENOTCONN")                                         \
	X(send, MINUS, "ECONNRESET EPIPE ENOMEM ~ENOBUFS ~EAGAIN ~EINTR")      \
	X(poll, MINUS, "ENOMEM ~EINTR")                                        \
	X(ppoll, MINUS, "ENOMEM ~EINTR")                                       \
	X(epoll_create1, MINUS, "EMFILE ENFILE ENOMEM")                        \
	X(epoll_ctl, MINUS, "ENOMEM ENOSPC")                                   \
	X(epoll_wait, MINUS, "~EINTR")                                         \
	X(ioctl, MINUS, "ENOTTY EIO")                                          \
	X(pthread_create, NUMBER, "EAGAIN ENOMEM")                             \
	X(getrandom, MINUS, "^ENOSYS ~EINTR")                                  \
	X(getentropy, MINUS, "^ENOSYS")                                        \
	X(getrlimit, MINUS, "EPERM")                                           \
	X(setrlimit, MINUS, "EPERM")                                           \
	X(prctl, MINUS, "EINVAL EPERM")                                        \
	X(timer_create, MINUS, "EAGAIN ENOMEM")                                \
	X(timer_settime, MINUS, "EINVAL")                                      \
	X(nanosleep, MINUS, "~EINTR")                                          \
	X(getaddrinfo, NUMBER, "EAI_MEMORY")                                   \
	X(getpwuid, NOTHING, "EIO EMFILE")                                     \
	X(getgrgid, NOTHING, "EIO EMFILE")                                     \
	X(getgroups, MINUS, "EPERM")                                           \
	X(fopen, NOTHING, "EACCES EMFILE ENOMEM ENOSPC")                       \
	X(open_memstream, NOTHING, "ENOMEM")                                   \
	X(fflush, MINUS, "EIO ENOSPC")                                         \
	X(fclose, AFTER, "EIO ENOSPC")                                         \
	X(tcgetattr, MINUS, "EIO")                                             \
	X(tcsetattr, MINUS, "EIO ~EINTR")

/* The same under the names for large files, where those are no others. */
#define ALIASES(X)                                                             \
	X(open64, open)                                                        \
	X(stat64, stat)                                                        \
	X(lstat64, lstat)                                                      \
	X(fstat64, fstat)                                                      \
	X(mkostemp64, mkostemp)                                                \
	X(mmap64, mmap)                                                        \
	X(fopen64, fopen)                                                      \
	X(getrlimit64, getrlimit)                                              \
	X(setrlimit64, setrlimit)

/* Of sockets and of pipes, in the order of enum kind; without wrappers. */
#define KINDS(X)                                                               \
	X(read_socket, MINUS, "ECONNRESET ETIMEDOUT ENOMEM ~EAGAIN ~EINTR")    \
	X(read_pipe, MINUS, "~EAGAIN ~EINTR")                                  \
	X(write_socket, MINUS, "ECONNRESET EPIPE ENOMEM ~EAGAIN ~EINTR "       \
			       "~ENOBUFS")                                     \
	X(write_pipe, MINUS, "~EIO ~EINTR")
/* clang-format on */

enum index {
#define X(name, form, errors) AT_##name,
	FUNCTIONS(X) KINDS(X)
#undef X
		COUNT,
	ANY = COUNT, /* counts all calls but those for memory */
};

struct row {
	const char *name, *errors;
	int form;
};

/* For the driver, which loads this library to read it. */
#define X(name, form, errors) { #name, errors, form },
__attribute__((visibility("default")))
const struct row torture_rows[] = { FUNCTIONS(X) KINDS(X) };
#undef X
__attribute__((visibility("default"))) const int torture_count = COUNT;

/* The driver has the same: see control.py. */
struct control {
	atomic_int function; /* an index, ANY, or -1 */
	int error;           /* 0: SIGKILL, before the call */
	int is_lasting;      /* all calls from then on fail */
	atomic_int hits;     /* failures so far */
	_Atomic uint64_t at; /* the call to fail: 1 is the first */
	_Atomic uint64_t calls[COUNT + 1];
};

typedef long (*any_function)(long, long, long, long, long, long);

static struct control *control;
static _Atomic(any_function) found[COUNT];

static any_function find(enum index i)
{
	any_function real = atomic_load(&found[i]);

	if (real)
		return real;
	/* The way that POSIX shows for dlsym(). */
	*(void **)&real = dlsym(RTLD_NEXT, torture_rows[i].name);
	if (!real)
		abort();
	atomic_store(&found[i], real);
	return real;
}

/* Whether a file, a socket or a pipe is read or written. */
static enum index kind_of(enum index i, long fd)
{
	struct stat status;

	if (i != AT_read && i != AT_write)
		return i;
	if (find(AT_fstat)(fd, (long)&status, 0, 0, 0, 0))
		return i;
	if (S_ISSOCK(status.st_mode))
		return i == AT_read ? AT_read_socket : AT_write_socket;
	if (S_ISFIFO(status.st_mode))
		return i == AT_read ? AT_read_pipe : AT_write_pipe;
	return i;
}

static int is_turn_of(int i)
{
	uint64_t n = atomic_fetch_add(&control->calls[i], 1) + 1;
	uint64_t at = atomic_load(&control->at);

	return atomic_load(&control->function) == i &&
	       (control->is_lasting ? n >= at : n == at);
}

/* Does this call fail? */
static int counts(enum index i)
{
	int result = is_turn_of((int)i);

	if (i > AT_madvise)
		result |= is_turn_of(ANY);
	if (result)
		atomic_fetch_add(&control->hits, 1);
	if (result && !control->error)
		kill(getpid(), SIGKILL);
	return result;
}

static long failed(enum index i)
{
	if (torture_rows[i].form == NUMBER)
		return control->error;
	errno = control->error;
	return torture_rows[i].form == NOTHING ? 0 : -1;
}

static long call(enum index i, long a, long b, long c, long d, long e, long f)
{
	int saved_errno = errno;
	any_function real = find(i);
	enum index kind;
	long result;

	if (!control) {
		errno = saved_errno;
		return real(a, b, c, d, e, f);
	}
	kind = kind_of(i, a);
	if (!counts(kind)) {
		errno = saved_errno;
		return real(a, b, c, d, e, f);
	}
	if (torture_rows[kind].form != AFTER)
		return failed(kind);
	result = real(a, b, c, d, e, f);
	return (int)result ? result : failed(kind);
}

/* Under other names here, so that no header disagrees. */
#define WRAP(name, as)                                                         \
	__attribute__((visibility("default"))) long torture_##name(long a,     \
		long b, long c, long d, long e, long f) __asm__(#name);        \
	long torture_##name(long a, long b, long c, long d, long e, long f)    \
	{                                                                      \
		return call(AT_##as, a, b, c, d, e, f);                        \
	}
#define X(name, form, errors) WRAP(name, name)
FUNCTIONS(X)
#undef X
ALIASES(WRAP)

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SMX_TORTURE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *mapped;

	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE,
		MAP_SHARED, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		abort();
	control = mapped;
}
