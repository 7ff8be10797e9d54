// SPDX-License-Identifier: MIT
/*
 * The system calls on every request's way. In a process with threads glibc
 * makes each of them a cancellation point, which costs as much as a third of a
 * request (counted with glibc 2.36); nothing here is ever cancelled, so on
 * Linux they are made directly. Not under the thread sanitizer, which delivers
 * signals in the functions it knows. Knows nothing else; used by floor 1.
 */
#pragma once

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1 /* as gcc calls it */
#endif
#endif

#include <unistd.h>

#if defined(__linux__) && !defined(__SANITIZE_THREAD__)
#include <sys/syscall.h>
#define RAW_READ(fd, bytes, n) syscall(SYS_read, fd, bytes, n)
#define RAW_WRITE(fd, bytes, n) syscall(SYS_write, fd, bytes, n)
#ifdef SYS_epoll_wait
#define RAW_EPOLL_WAIT(fd, found, max, timeout_ms)                             \
	syscall(SYS_epoll_wait, fd, found, max, timeout_ms)
#else /* newer machines have epoll_pwait(2) only */
#define RAW_EPOLL_WAIT(fd, found, max, timeout_ms)                             \
	syscall(SYS_epoll_pwait, fd, found, max, timeout_ms, NULL, 0)
#endif
#else
#define RAW_READ(fd, bytes, n) read(fd, bytes, n)
#define RAW_WRITE(fd, bytes, n) write(fd, bytes, n)
#define RAW_EPOLL_WAIT(fd, found, max, timeout_ms)                             \
	epoll_wait(fd, found, max, timeout_ms)
#endif
