// SPDX-License-Identifier: MIT
#include "lib/dial.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "net/socket.h"
#include "smx.h"

enum { PORT_MAX = 65535 };

static unsigned count_addresses(const struct addrinfo *a)
{
	unsigned n = 0;

	for (; a; a = a->ai_next)
		n++;
	return n;
}

/* The address as it is shown. */
static struct address address_of(const struct addrinfo *a)
{
	struct sockaddr_storage storage = { 0 };

	memcpy(&storage, a->ai_addr, a->ai_addrlen);
	return address_from(&storage);
}

/*
 * Each address gets its share of the time that is left, so that one that
 * swallows packets does not keep the others from being tried.
 */
static int try_all(const struct addrinfo *found, unsigned timeout_ms,
	uint64_t *begun_ns, struct address *last)
{
	uint64_t deadline = clock_ns() + (uint64_t)timeout_ms * 1000000;
	unsigned left = count_addresses(found);
	int fd = -EADDRNOTAVAIL;

	for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
		uint64_t share;

		*begun_ns = clock_ns();
		share = deadline > *begun_ns ? (deadline - *begun_ns) / left--
					     : 0;
		*last = address_of(a);
		fd = socket_connect(a, *begun_ns + share);
	}
	return fd;
}

/*
 * A service's name, or a number in range: getaddrinfo(3) takes any number, and
 * makes 1001 of 66537.
 */
static bool is_port(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return *text && (*end || (ascii_is_digit(*text) && number >= 1 &&
					 number <= PORT_MAX));
}

int dial(const char *host, const char *port, unsigned timeout_ms, int *fd,
	uint64_t *begun_ns, char *complaint, size_t complaint_bytes)
{
	char text[ADDRESS_TEXT_BYTES];
	struct address last = { 0 };
	struct addrinfo *found;
	int error, connected;

	if (!host || !port || !is_port(port)) {
		snprintf(complaint, complaint_bytes,
			"Wanted are a host and a port, which is a number from "
			"1 to %d or the name of a service",
			PORT_MAX);
		return SMX_ERROR_USAGE;
	}
	error = socket_resolve(host, port, 0, &found);
	if (error) {
		snprintf(complaint, complaint_bytes,
			"Cannot resolve '%.64s' port '%.32s': %s; check the "
			"spelling",
			host, port,
			error == EAI_SYSTEM ? strerror(errno)
					    : gai_strerror(error));
		return SMX_ERROR_RESOLVE;
	}
	connected = try_all(found, timeout_ms, begun_ns, &last);
	freeaddrinfo(found);
	if (connected >= 0) {
		*fd = connected;
		return SMX_OK;
	}
	address_format(&last, text);
	if (connected == -ETIMEDOUT) {
		snprintf(complaint, complaint_bytes,
			"Connecting to %s timed out after %g s; is the host "
			"up, and no firewall between?",
			text, timeout_ms / 1000.0);
		return SMX_ERROR_TIMEOUT;
	}
	snprintf(complaint, complaint_bytes,
		"Cannot connect to %s: %s; is the server running there?", text,
		strerror(-connected));
	return SMX_ERROR_CONNECT;
}
