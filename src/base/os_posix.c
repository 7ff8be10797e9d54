// SPDX-License-Identifier: MIT
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

bool os_hold_streams(void)
{
	/* A pipe without a writer: unlike /dev/null, it is always available. */
	for (int fd = 0; fd < 3; fd++) {
		int ends[2];

		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (pipe(ends))
			return false;
		close(ends[1]);
	}
	return true;
}

bool os_is_public_file(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_mode & 0077;
}

uint64_t os_raise_descriptors(uint64_t wanted)
{
	struct rlimit limit;
	rlim_t before;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return UINT64_MAX;
	before = limit.rlim_cur;
	if (before >= wanted)
		return before;
	limit.rlim_cur =
		limit.rlim_max < wanted ? limit.rlim_max : (rlim_t)wanted;
	return setrlimit(RLIMIT_NOFILE, &limit) ? before : limit.rlim_cur;
}

bool os_is_privileged(void)
{
	return geteuid() == 0;
}

void os_forbid_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
	/*
	 * The limit alone does not prevent a dump from being piped to a
	 * program. (The leak checker of a sanitized build must be able to
	 * attach.)
	 */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

void os_rest_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000,
			  .tv_nsec = (long)(ms % 1000) * 1000000 },
		NULL);
}

void os_exact_timers(void)
{
#ifdef __linux__
	prctl(PR_SET_TIMERSLACK, 1UL);
#endif
}

uint64_t os_thread_worked_ns(void)
{
	struct timespec used = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

int os_thread_open_wanted(void)
{
#ifdef __linux__
	return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
#else
	return -1;
#endif
}

uint64_t os_thread_wanted_ns(int opened)
{
	unsigned long long worked, queued;
	char text[80] = "";

	if (opened >= 0 && pread(opened, text, sizeof(text) - 1, 0) > 0 &&
		sscanf(text, "%llu %llu", &worked, &queued) == 2)
		return worked + queued;
	return os_thread_worked_ns();
}

void os_thread_close_wanted(int opened)
{
	if (opened >= 0)
		close(opened);
}

ssize_t os_read_start(const char *path, void *bytes, size_t n)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, bytes, n);
	if (got < 0)
		got = -errno;
	close(fd);
	return got;
}

/* Maps twice as much, and returns what is before and after. */
void *os_take_pages(size_t bytes)
{
	char *all = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (all == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)all & (bytes - 1);
	if (before)
		munmap(all, before);
	munmap(all + before + bytes, bytes - before);
	/* cppcheck-suppress deallocret; what is returned was kept */
	return all + before;
}

void os_give_pages(void *pages, size_t bytes)
{
	munmap(pages, bytes);
}

/* Not a file of that name, as a broken chroot(2) may have. */
static bool is_device(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISCHR(status.st_mode);
}

bool os_has_randomness(void)
{
	/* Where libsodium looks, in its order. */
	static const char *const devices[] = { "/dev/urandom", "/dev/random" };
	char byte;

	if (getentropy(&byte, 1) == 0)
		return true;
	for (size_t i = 0; i < COUNT_OF(devices); i++)
		if (is_device(devices[i]) &&
			os_read_start(devices[i], &byte, 1) == 1)
			return true;
	return false;
}
