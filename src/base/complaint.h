// SPDX-License-Identifier: MIT
/*
 * A message that explains a failure, in memory that belongs to the caller. What
 * does not fit is cut between two characters, never within one, and the cut is
 * marked. Knows nothing of what failed. Used wherever a failure is explained.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/attributes.h"

enum { COMPLAINT_BYTES = 2 * 4096 + 1024 }; /* two paths and some words */

struct complaint {
	char text[COMPLAINT_BYTES]; /* valid UTF-8 if its parts are */
};

/* Fills it in, as printf(3) would, and returns error. */
int complaint_print(struct complaint *c, int error, const char *format, ...)
	PRINTF_LIKE(3, 4);
int complaint_vprint(struct complaint *c, int error, const char *format,
	va_list arguments) PRINTF_LIKE(3, 0);

/*
 * How many of the first n bytes of text, which is longer, are whole UTF-8
 * characters; invalid bytes count as one character each.
 */
size_t complaint_whole(const char *text, size_t n);
