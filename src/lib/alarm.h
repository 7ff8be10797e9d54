// SPDX-License-Identifier: MIT
/*
 * The text that warns of a changed key: both keys, where the expected one is
 * stored, and the command that removes it. Prints nothing. Used by secure.c.
 */
#pragma once

struct secure;

/* In memory that the caller frees; NULL if memory runs out. */
char *alarm_text(const struct secure *s);
