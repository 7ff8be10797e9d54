// SPDX-License-Identifier: MIT
/*
 * A sentence that explains a failure, in a buffer of its owner's. What does not
 * fit is cut between two characters, never within one, and the cut shows. Used
 * wherever a failure is explained.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/attributes.h"

/* As vsnprintf(3); of what is too long the beginning, and "...". */
void complaint_vprint(char *text, size_t size, const char *format,
	va_list arguments) PRINTF_LIKE(3, 0);
void complaint_print(char *text, size_t size, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* How many of the first n bytes of text, which has more, are whole characters
 * of UTF-8; bytes that are none count as a character each. */
size_t complaint_whole(const char *text, size_t n);
