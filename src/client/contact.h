// SPDX-License-Identifier: MIT
/*
 * Connecting, with what a person has to be asked or told meanwhile. Knows no
 * requests. Used by main.c and the menu.
 */
#pragma once

#include "client/client.h"

/*
 * Connects, and asks about a server that is not known if somebody is there to
 * answer; shows what came of it: whether there is a connection.
 */
MUST_CHECK bool contact_make(struct client *c);
