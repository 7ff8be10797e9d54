// SPDX-License-Identifier: MIT
/*
 * Connecting, with the questions and notices for the user. Knows no requests.
 * Used by main.c and the menu.
 */
#pragma once

#include "client/client.h"

/*
 * Connects, asks about a new server if there is somebody to answer, and shows
 * the result. Returns whether there is a connection.
 */
MUST_CHECK bool contact_open(struct client *c);
