// SPDX-License-Identifier: MIT
/*
 * For a program that makes its own sessions with the server to which libsmx has
 * connected, as smx-bench does: which keys that server may present.
 */
#pragma once

#include "lib/trust.h"
#include "smx.h"

/*
 * After a secure smx_connect(): the keys that are now expected of this server.
 * (Their files and lines belong to the handle.)
 */
void expected_keys(const struct smx *smx, struct trust_keys *keys);
