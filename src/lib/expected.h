// SPDX-License-Identifier: MIT
/*
 * For a program that makes sessions of its own with the server to which libsmx
 * has connected, as smx-bench does: what that server may show.
 */
#pragma once

#include "lib/trust.h"
#include "smx.h"

/* After a secure smx_connect(): the keys that are expected of this server by
 * now. (Their files and lines belong to the handle.) */
void expected_keys(const struct smx *smx, struct trust_keys *keys);
