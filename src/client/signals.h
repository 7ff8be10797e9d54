// SPDX-License-Identifier: MIT
/*
 * Leaving because of a signal: the terminal gets its modes back, and the server
 * its END. Used by main.c.
 */
#pragma once

#include "client/client.h"

/* From now on; the terminal's modes are those of this moment. */
void signals_catch(struct client *c);

/* The handle is about to be freed: nothing is said with it any more. */
void signals_release(void);
