// SPDX-License-Identifier: MIT
/*
 * The line on a terminal that is written over again and again. It fits the
 * terminal as wide as that is at the moment. Knows no run.
 */
#pragma once

#include <stddef.h>

/*
 * Writes these parts over the line, joined by commas: the most important one
 * comes first. A part that does not fit is left out, not cut, since half a
 * number is a wrong one. Without any parts the line is cleared.
 */
void progress_show(int terminal, size_t count, const char *const *parts);
