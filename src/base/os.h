// SPDX-License-Identifier: MIT
/*
 * What a program needs of the system itself: its limits and standard streams,
 * sleeping, and the CPU time of a thread. Signals are in base/os_signals.h,
 * terminals in terminal/terminal.h, clocks in base/clock.h; files and sockets
 * are on higher floors. A port to another system has another os_*.c, chosen
 * when building. Used everywhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"

/*
 * A program may be started with standard streams closed. The next socket would
 * then take their place, and be read as input or written to as output. This
 * fills the gaps: reading then returns end of file, and writing fails. False,
 * with errno set, if it cannot.
 */
MUST_CHECK bool os_hold_streams(void);

/* Is it a file that other users may read? */
MUST_CHECK bool os_is_public_file(int fd);

/*
 * Lets the process open this many descriptors, or as many as the system
 * permits; never fewer than before. Returns how many it can open now.
 */
uint64_t os_raise_descriptors(uint64_t wanted);

/* Does this process have the rights of the system's administrator? */
MUST_CHECK bool os_is_privileged(void);

/* From now on this process leaves no core dump, which could hold keys. */
void os_forbid_dumps(void);

/* Sleeps for this long. A signal that is caught ends it early. */
void os_rest_ms(unsigned ms);

/* Makes this thread's timers as exact as the system can. */
void os_exact_timers(void);

/* Nanoseconds that this thread has run. */
uint64_t os_thread_worked_ns(void);

/*
 * The same, and those it was ready to run but had no CPU, as far as the system
 * tells: what was opened is -1 if it does not, as without /proc. Of the thread
 * that opened it, and to be closed.
 */
int os_thread_open_wanted(void);
uint64_t os_thread_wanted_ns(int opened);
void os_thread_close_wanted(int opened);

/*
 * Reads the first bytes of a file, at most n: how many, or -errno. Never waits
 * for the writer of a pipe.
 */
MUST_CHECK ssize_t os_read_start(const char *path, void *bytes, size_t n);

/*
 * Pages of memory, all zero, starting at a multiple of bytes, which is a power
 * of two and at least the size of a page; NULL if there are none. Memory that
 * is returned no longer belongs to the process.
 */
MUST_CHECK void *os_take_pages(size_t bytes);
void os_give_pages(void *pages, size_t bytes);

/* Is there a source of randomness where libsodium looks for one? */
MUST_CHECK bool os_has_randomness(void);
