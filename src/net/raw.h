// SPDX-License-Identifier: MIT
/*
 * The system calls on the path of every request, which return a count or
 * -errno. In a process with threads, glibc makes each of them a cancellation
 * point, which costs as much as a third of a request (measured with glibc
 * 2.36), and syscall(2) still costs a tenth. Nothing here is ever cancelled, so
 * on machines that we know the calls are made directly; but not under the
 * thread sanitizer, which delivers signals in the functions it knows, or with
 * RAW_THROUGH_LIBC, for tests that replace those. Used by floor 1.
 */
#pragma once

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1 /* gcc's name for it */
#endif
#endif

#include <errno.h>
#include <unistd.h>

#if defined(__linux__) && defined(__x86_64__) && !defined(__ILP32__) &&        \
	!defined(__SANITIZE_THREAD__) && !defined(RAW_THROUGH_LIBC)
#include <sys/syscall.h>

/* System V ABI, AMD64 supplement, A.2.1; write(2), epoll_wait(2) only read. */
static inline long raw_call(long number, long a, const void *b, long c, long d)
{
	register long fourth __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
			 : "rcx", "r11", "memory");
	return result;
}

#define RAW_READ(fd, bytes, n) raw_call(SYS_read, fd, bytes, (long)(n), 0)
#define RAW_WRITE(fd, bytes, n) raw_call(SYS_write, fd, bytes, (long)(n), 0)
#define RAW_EPOLL_WAIT(fd, found, max, timeout_ms)                             \
	raw_call(SYS_epoll_wait, fd, found, max, timeout_ms)

#else

/* Converts the result of a system function. */
static inline long raw_result(long result)
{
	return result < 0 ? -errno : result;
}

#define RAW_READ(fd, bytes, n) raw_result(read(fd, bytes, n))
#define RAW_WRITE(fd, bytes, n) raw_result(write(fd, bytes, n))
#define RAW_EPOLL_WAIT(fd, found, max, timeout_ms)                             \
	raw_result(epoll_wait(fd, found, max, timeout_ms))

#endif
