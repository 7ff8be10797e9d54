// SPDX-License-Identifier: MIT
/*
 * Changes the lists that other programs read: the servers a user knows, and the
 * clients a server serves. Knows no private keys. Used by main.c.
 */
#pragma once

#include "base/mark.h"

enum { EXIT_WRONG_USAGE = 2 };

/* Prints a line on stderr. */
void edit_say(enum mark mark, const char *text);

/*
 * Removes the server that the words name from file (NULL: the user's), and
 * reports how many keys were removed. Returns the exit status.
 */
int edit_forget(const char *file, char **words, int count);

/*
 * The words are LIST KEY NAME. Reports what was done; returns the exit status.
 */
int edit_authorize(char **words);
