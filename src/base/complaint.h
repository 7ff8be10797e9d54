// SPDX-License-Identifier: MIT
/*
 * A sentence that explains a failure, in memory of the caller's. What does not
 * fit is cut between two characters, never within one, and the cut shows. Knows
 * nothing of what failed. Used wherever a failure is explained.
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

/* How many of the first n bytes of text, which has more, are whole characters
 * of UTF-8; bytes that are none count as a character each. */
size_t complaint_whole(const char *text, size_t n);
