// SPDX-License-Identifier: MIT
/*
 * The loops and wakers of the simulated network. Used by network.c only.
 */
#pragma once

#include <stdbool.h>

void wakers_begin(void);
bool waker_is_called(int fd);

/* Wakers and loops that are open. */
unsigned wakers_open(void);
