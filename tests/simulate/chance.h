// SPDX-License-Identifier: MIT
/*
 * Everything that is left to chance in a simulation, in one row of numbers that
 * follows from the seed: what happens next, which faults occur, and the bytes
 * that libsodium draws. Knows nothing of what the numbers decide.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Makes libsodium draw from here, too; before sodium_init(). */
void chance_rule(void);

void chance_begin(uint64_t seed);

uint64_t chance_next(void);

/* From 0 to n - 1; n is at least 1. */
unsigned chance_below(unsigned n);

/* True once in n times; never if n is 0. */
bool chance_once_in(unsigned n);

/* From 1 to most, and every order of magnitude as often as any other. */
uint64_t chance_magnitude(uint64_t most);
