// SPDX-License-Identifier: MIT
/*
 * Connects to the first of several addresses that accepts, as in RFC 8305
 * ("Happy Eyeballs"): the families alternate, and the next address is tried
 * after a failure or after 250 ms without an answer, while earlier attempts may
 * still succeed. Used by libsmx.
 */
#pragma once

#include <netdb.h>
#include <stdint.h>

#include "base/attributes.h"
#include "net/address.h"

/* If there are more addresses, only the first ones are tried. */
enum { CONNECT_ADDRESSES_MAX = 32 };

/*
 * Returns a socket and the time when connecting it began (clock_ns); or -errno
 * of the most informative failure, and the address it concerns. -ETIMEDOUT:
 * nothing else happened within timeout_ms.
 */
MUST_CHECK int connect_first(const struct addrinfo *found, unsigned timeout_ms,
	uint64_t *begun_ns, struct address *failed);
