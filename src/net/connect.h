// SPDX-License-Identifier: MIT
/*
 * A connection to whichever of several addresses takes it first, as RFC 8305
 * ("Happy Eyeballs") has it: families take turns, and the next address is tried
 * after a failure or 250 ms without an answer, while those before it may still
 * win. Used by libsmx.
 */
#pragma once

#include <netdb.h>
#include <stdint.h>

#include "base/attributes.h"
#include "net/address.h"

/* Of more addresses than this, the first ones are tried. */
enum { CONNECT_ADDRESSES_MAX = 32 };

/*
 * A socket, and when connecting it began (clock_ns); or -errno of the failure
 * that tells most, and which address it was about. -ETIMEDOUT: nothing else
 * came of it within timeout_ms.
 */
MUST_CHECK int connect_first(const struct addrinfo *found, unsigned timeout_ms,
	uint64_t *begun_ns, struct address *failed);
