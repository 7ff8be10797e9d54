// SPDX-License-Identifier: MIT
/*
 * The listening socket: made from what --host and --port say, or not, and then
 * with a sentence about why. Knows no workers.
 */
#pragma once

#include "base/attributes.h"
#include "net/address.h"
#include "net/endpoint.h"

/*
 * What --host and --port say together, port being NULL if it is not given: 0,
 * or -EINVAL and a complaint. There is one port, in either of them.
 */
MUST_CHECK int listener_where(struct endpoint *e, const char *host,
	const char *port, struct complaint *complaint);

/*
 * The first address of e's host that can be listened on. Returns the socket and
 * where it listens, or -1 and a complaint.
 */
MUST_CHECK int listener_open(const struct endpoint *e, struct address *at,
	struct complaint *complaint);
