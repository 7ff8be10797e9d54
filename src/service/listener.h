// SPDX-License-Identifier: MIT
/*
 * The listening socket: made from --host and --port, or else an explanation of
 * why it cannot be. Knows no workers.
 */
#pragma once

#include "base/attributes.h"
#include "net/address.h"
#include "net/endpoint.h"

/*
 * Combines --host and --port (NULL if not given): 0, or -EINVAL and a
 * complaint. The port may be in either, but not in both.
 */
MUST_CHECK int listener_where(struct endpoint *e, const char *host,
	const char *port, struct complaint *complaint);

/*
 * Listens on the first usable address of e's host. Returns the socket and its
 * address, or -1 and a complaint.
 */
MUST_CHECK int listener_open(const struct endpoint *e, struct address *at,
	struct complaint *complaint);
