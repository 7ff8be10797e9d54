// SPDX-License-Identifier: MIT
/*
 * The numbered menu, exactly as the original shows it. Knows neither how a
 * connection is made nor how a line is edited. Used by main.c.
 */
#pragma once

#include "client/client.h"

/* Connects, then runs the menu until the user quits. */
void menu_run(struct client *c);
