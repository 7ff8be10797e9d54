// SPDX-License-Identifier: MIT
/*
 * The terminal of a program: whether there is one, its width and its modes.
 * Knows nothing of what is shown there; colours are in base/mark.h. A port to
 * another system has another terminal_*.c. Used by the programs that interact
 * with people.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

MUST_CHECK bool terminal_is(int fd);

/* 0 if it is not a terminal, or does not tell. */
MUST_CHECK size_t terminal_columns(int fd);

/* Saves the modes of standard input, if it is a terminal … */
void terminal_keep(void);

/*
 * … and restores them, on a new line. A terminal that has passed to another job
 * is left alone, and a stopped one is not waited for. This is
 * async-signal-safe.
 */
void terminal_restore(void);
