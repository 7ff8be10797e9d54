// SPDX-License-Identifier: MIT
/*
 * What every unit test begins with: cmocka, the modules' few common sizes, and
 * dice whose throws can be had again: the seed is printed, and taken from
 * SMX_SEED when that is set. Knows no module.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* cmocka 2 has other names for assert_in_range() that cmocka 1 has not. */
#define CMOCKA_DISABLE_DEPRECATION_WARNINGS
#include <cmocka.h>

#include "base/attributes.h"

static uint64_t dice;

/* A group's setup. */
static inline int dice_seed(void **state)
{
	const char *seed = getenv("SMX_SEED");

	(void)state;
	if (seed)
		dice = strtoull(seed, NULL, 0);
	else if (getrandom(&dice, sizeof(dice), 0) != sizeof(dice))
		return -1;
	print_message("# SMX_SEED=%#llx\n", (unsigned long long)dice);
	return 0;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t dice_word(void)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline size_t dice_below(size_t n)
{
	return (size_t)(dice_word() % n);
}

static inline void dice_bytes(uint8_t *bytes, size_t n)
{
	while (n--)
		*bytes++ = (uint8_t)dice_word();
}

static inline void skipped(void **state)
{
	(void)state;
}

/*
 * A row of the tests, for one that can be run only if can_run. It is skipped
 * by its name, as TAP has it: what cmocka's skip() prints counts as a failure.
 */
#define TEST_OR_SKIP(function, can_run, why, set_up, tear_down)                \
	{                                                                      \
		.name = (can_run) ? #function : #function " # SKIP " why,      \
		.test_func = (can_run) ? (function) : skipped,                 \
		.setup_func = (set_up), .teardown_func = (tear_down),          \
	}
