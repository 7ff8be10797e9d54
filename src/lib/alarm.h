// SPDX-License-Identifier: MIT
/*
 * What a person has to know of a key that has changed: both keys, where the one
 * that was expected stands, and the command that removes it. Prints nothing.
 * Used by secure.c.
 */
#pragma once

struct secure;

/* In memory that the caller frees; NULL: there is none. */
char *alarm_text(const struct secure *s);
