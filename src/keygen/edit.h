// SPDX-License-Identifier: MIT
/*
 * Changing the lists that others read: the servers a user knows, and the
 * clients a server serves. Knows no private keys. Used by main.c.
 */
#pragma once

#include "base/mark.h"

enum { EXIT_WRONG_USAGE = 2 };

/* A line on stderr. */
void edit_say(enum mark mark, const char *text);

/*
 * Takes the server that the words name out of file (NULL: the user's), and says
 * how many keys have gone: the exit status.
 */
int edit_forget(const char *file, char **words, int count);

/* The words are LIST KEY NAME; says what was done: the exit status. */
int edit_authorize(char **words);
