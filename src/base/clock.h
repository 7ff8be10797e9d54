// SPDX-License-Identifier: MIT
/*
 * Monotonic time: for measuring, and for deadlines. Knows no calendar. Used
 * by the loops, the deadlines and the client library; floor 2 sees no clock.
 */
#pragma once

#include <stdint.h>
#include <time.h>

/* Nanoseconds since some fixed moment. */
uint64_t clock_ns(void);

/*
 * Milliseconds since that moment, as of the kernel's last tick (at most 10 ms
 * ago): several times cheaper than clock_ns() where the system offers it.
 */
uint64_t clock_ms(void);

/* The time left until a moment (clock_ns); zero if it has passed. */
struct timespec clock_left(uint64_t moment_ns);
