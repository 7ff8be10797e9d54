// SPDX-License-Identifier: MIT
/*
 * What a program asks of the system itself: its limits and standard streams, a
 * rest, the time that a thread has had. Signals are in base/os_signals.h,
 * terminals in base/terminal.h, clocks in base/clock.h; files and sockets are
 * met on higher floors. Another system has another os_*.c, chosen when
 * building. Used everywhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"

/*
 * A program may be started with standard streams closed; the next socket would
 * then take their place, and be read as input or written to as output. Fills
 * the gaps: reading ends at once, writing fails. False, with errno set, when
 * that cannot be.
 */
MUST_CHECK bool os_hold_streams(void);

/* Is it a file that others may read? */
MUST_CHECK bool os_is_public_file(int fd);

/*
 * Lets the process open wanted descriptors, or as many as the system permits;
 * never fewer than before. Returns how many it can open now.
 */
uint64_t os_raise_descriptors(uint64_t wanted);

/* May this process do what is reserved to the system's administrator? */
MUST_CHECK bool os_is_privileged(void);

/* From now on this process leaves no core dump, which could hold keys. */
void os_forbid_dumps(void);

/* Nothing happens for so long. A signal that is caught ends it early. */
void os_rest_ms(unsigned ms);

/* This thread's timers shall be as exact as the system can make them. */
void os_exact_timers(void);

/* Nanoseconds that this thread has worked. */
uint64_t os_thread_worked_ns(void);

/*
 * And those it could have worked if there had been a processor for it. (Where
 * the system does not tell, as without /proc, only what it worked is known.)
 */
uint64_t os_thread_wanted_ns(void);

/*
 * The first bytes of a file, at most n: how many, or -errno. Never waits for a
 * pipe's writer.
 */
MUST_CHECK ssize_t os_read_start(const char *path, void *bytes, size_t n);

/*
 * Pages of memory, all zero, beginning at a multiple of bytes, which is a power
 * of two and at least a page's size; NULL when there are none. What is given
 * back the process no longer has.
 */
MUST_CHECK void *os_take_pages(size_t bytes);
void os_give_pages(void *pages, size_t bytes);

/* Is there a source of randomness where libsodium looks for one? */
MUST_CHECK bool os_has_randomness(void);
