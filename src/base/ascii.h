// SPDX-License-Identifier: MIT
/*
 * Letters, digits and white space in ASCII. The results of <ctype.h> and
 * strcasecmp(3) depend on the locale: in a Turkish one, "TIME" and "time" are
 * different words, and a file would mean something else to each of its readers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

static inline char ascii_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* NUL is one. */
static inline bool ascii_is_control(char c)
{
	return (c >= 0 && c < ' ') || c == 0x7f;
}

/* The value of a hexadecimal digit, or -1. */
static inline int ascii_hex(char c)
{
	c = ascii_lower(c);
	return ascii_is_digit(c)      ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* Are both equal, apart from upper and lower case? */
static inline bool ascii_equal(const char *a, const char *b)
{
	while (*a && ascii_lower(*a) == ascii_lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}
