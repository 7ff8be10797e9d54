// SPDX-License-Identifier: MIT
/*
 * The listening socket: made from what --host and --port say, or not, and then
 * with a sentence about why. Knows no workers.
 */
#pragma once

#include "base/attributes.h"
#include "net/address.h"
#include "net/endpoint.h"

enum { LISTENER_COMPLAINT_BYTES = ENDPOINT_COMPLAINT_BYTES };

/*
 * The first address of host that can be listened on. Returns the socket and
 * where it listens, or -1 and a complaint.
 */
MUST_CHECK int listener_open(const char *host, long port, struct address *at,
	char complaint[static LISTENER_COMPLAINT_BYTES]);
