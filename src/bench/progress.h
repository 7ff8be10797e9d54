// SPDX-License-Identifier: MIT
/*
 * A line on a terminal that is overwritten again and again. It fits the current
 * width of the terminal. Knows nothing of the run. Used by run.c.
 */
#pragma once

#include <stddef.h>

/*
 * Overwrites the line with these parts, joined by commas, the most important
 * part first. A part that does not fit is left out, not cut, since half a
 * number is a wrong number. Without parts the line is cleared.
 */
void progress_show(int terminal, size_t count, const char *const *parts);
