// SPDX-License-Identifier: MIT
/*
 * A host and a port as people write them, in one word or in two: "HOST PORT",
 * "HOST:PORT", "[::1]:1337", "[::1] 1337", "::1 1337". A port is a number or
 * the name of a TCP service, and an address may have a scope ("fe80::1%eth0").
 * Does not resolve hosts. Used by libsmx and by every program that takes a
 * host.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/complaint.h"

enum {
	ENDPOINT_HOST_BYTES = 1025, /* NI_MAXHOST */
	ENDPOINT_PORT_BYTES = 65,
};

struct endpoint {
	char host[ENDPOINT_HOST_BYTES]; /* without brackets */
	char port[ENDPOINT_PORT_BYTES];
};

enum {
	ENDPOINT_TO_LISTEN = 0,  /* the lowest port: 0 means any free one */
	ENDPOINT_TO_CONNECT = 1, /* there is no server at port 0 */
};

/*
 * Reads the first one or two of count words: returns how many it used, or
 * -EINVAL and a complaint that names what is wrong.
 */
MUST_CHECK int endpoint_parse(struct endpoint *e, char *const *words, int count,
	unsigned least_port, struct complaint *complaint);

/* The number of the port, also if it was given by name; 0 if it has none. */
unsigned endpoint_port(const struct endpoint *e);

/*
 * Reads a host alone and removes its brackets: 0, or -EINVAL and a complaint.
 */
MUST_CHECK int endpoint_parse_host(const char *text,
	char host[static ENDPOINT_HOST_BYTES], struct complaint *complaint);

/* Could it be the name of a service rather than a number? */
MUST_CHECK bool endpoint_may_be_service(const char *text);

/* Reads a port alone, like endpoint_parse_host() a host. */
MUST_CHECK int endpoint_parse_port(const char *text, unsigned least_port,
	char port[static ENDPOINT_PORT_BYTES], struct complaint *complaint);
