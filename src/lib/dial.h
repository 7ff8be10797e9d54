// SPDX-License-Identifier: MIT
/*
 * From a name to a connected socket: every address the name stands for is
 * tried. Knows no session. Used by smx.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/complaint.h"

/*
 * 0 and the socket, and when connecting to its address began (clock_ns); or a
 * negative enum smx_error, and complaint says why.
 */
MUST_CHECK int dial_open(const char *host, const char *port,
	unsigned timeout_ms, int *fd, uint64_t *begun_ns,
	struct complaint *complaint);
