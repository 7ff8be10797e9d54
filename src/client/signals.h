// SPDX-License-Identifier: MIT
/*
 * Quitting because of a signal: restores the terminal's modes, and sends END to
 * the server. Used by main.c.
 */
#pragma once

#include "client/client.h"

/* Starts catching signals, and saves the terminal's present modes. */
void signals_catch(struct client *c);

/* The handle is about to be freed: nothing is sent with it any more. */
void signals_release(void);
