// SPDX-License-Identifier: MIT
/*
 * The numbered menu, to the letter what the original shows. Knows neither how a
 * connection is made nor how a line is edited. Used by main.c.
 */
#pragma once

#include "client/client.h"

/* Connects, then the menu, until the user leaves it. */
void menu_run(struct client *c);
