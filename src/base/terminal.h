// SPDX-License-Identifier: MIT
/*
 * The terminal that a program may have: whether, how wide, and its modes. Knows
 * nothing of what is shown there; colours are base/mark.h's. Another system has
 * another terminal_*.c. Used by the programs that talk to people.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

MUST_CHECK bool terminal_is(int fd);

/* 0: it is none, or does not say. */
MUST_CHECK size_t terminal_columns(int fd);

/* Remembers the modes of standard input, if there is a terminal … */
void terminal_keep(void);

/*
 * … and sets them again, on a new line. A terminal that is another job's by now
 * is left alone, and one that is stopped is not waited for. This is
 * async-signal-safe.
 */
void terminal_restore(void);
