// SPDX-License-Identifier: MIT
#include "server/listener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/complaint.h"
#include "net/endpoint.h"
#include "net/socket.h"

static const char *advice(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "; another program has it: try another --port";
	case EADDRNOTAVAIL:
		return "; this machine has no such address: see --host";
	case EACCES:
		return "; ports below 1024 are for root: try another --port";
	default:
		return "";
	}
}

static int try_all(const struct addrinfo *found, int *error, struct address *at)
{
	for (const struct addrinfo *a = found; a; a = a->ai_next) {
		struct sockaddr_storage wanted = { 0 };
		int fd = socket_listen(a, SOMAXCONN);

		if (fd >= 0) {
			*at = socket_local(fd);
			return fd;
		}
		/* The first one's reason is the one that is told. */
		if (a == found) {
			*error = -fd;
			memcpy(&wanted, a->ai_addr, a->ai_addrlen);
			*at = address_from(&wanted);
		}
	}
	return -1;
}

int listener_open(const char *host, long port, struct address *at,
	char complaint[static LISTENER_COMPLAINT_BYTES])
{
	char service[8], text[ADDRESS_TEXT_BYTES];
	char name[ENDPOINT_HOST_BYTES];
	struct addrinfo *found;
	int error, fd;

	if (endpoint_parse_host(host, name, complaint))
		return -1;

	snprintf(service, sizeof(service), "%ld", port);
	error = socket_resolve(
		name, service, AI_PASSIVE | AI_NUMERICSERV, &found);
	if (error) {
		complaint_print(complaint, LISTENER_COMPLAINT_BYTES,
			"Cannot resolve '%s': %s", host,
			error == EAI_SYSTEM ? strerror(errno)
					    : gai_strerror(error));
		return -1;
	}
	fd = try_all(found, &error, at);
	freeaddrinfo(found);
	if (fd < 0)
		complaint_print(complaint, LISTENER_COMPLAINT_BYTES,
			"Cannot listen on %s: %s%s", address_format(at, text),
			strerror(error), advice(error));
	return fd;
}
