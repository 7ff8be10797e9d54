// SPDX-License-Identifier: MIT
/*
 * A host and a port as people write them, in one word or in two: "HOST PORT",
 * "HOST:PORT", "[::1]:1337", "[::1] 1337", "::1 1337"; a port is a number or
 * the name of one of TCP's services, and an address may have a scope
 * ("fe80::1%eth0"). Resolves no host. Used by libsmx and by every program that
 * takes a host.
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
	ENDPOINT_TO_LISTEN = 0,  /* the least port: 0 stands for a free one */
	ENDPOINT_TO_CONNECT = 1, /* nobody is at port 0 */
};

/*
 * Reads the first one or two of count words: how many they were, or -EINVAL and
 * a complaint that names what is wrong.
 */
MUST_CHECK int endpoint_parse(struct endpoint *e, char *const *words, int count,
	unsigned least_port, struct complaint *complaint);

/* The port's number, be it given by name; 0: any, or not known any more. */
unsigned endpoint_port(const struct endpoint *e);

/*
 * A host alone, whose brackets are taken off: 0, or -EINVAL and a complaint.
 */
MUST_CHECK int endpoint_parse_host(const char *text,
	char host[static ENDPOINT_HOST_BYTES], struct complaint *complaint);

/* Is it other than a number, and could be the name of a service? */
MUST_CHECK bool endpoint_may_be_service(const char *text);

/* A port alone, as endpoint_parse_host() a host. */
MUST_CHECK int endpoint_parse_port(const char *text, unsigned least_port,
	char port[static ENDPOINT_PORT_BYTES], struct complaint *complaint);
