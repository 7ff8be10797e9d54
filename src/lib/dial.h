// SPDX-License-Identifier: MIT
/*
 * From a name to a connected socket: tries every address of the name. Knows no
 * session. Used by smx.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/complaint.h"

/*
 * Returns 0, the socket, and when connecting to its address began (clock_ns);
 * or a negative enum smx_error with a complaint.
 */
MUST_CHECK int dial_open(const char *host, const char *port,
	unsigned timeout_ms, int *fd, uint64_t *begun_ns,
	struct complaint *complaint);
