// SPDX-License-Identifier: MIT
#include "service/listener.h"

#include <errno.h>
#include <string.h>

#include "net/endpoint.h"
#include "net/socket.h"

#define DEFAULT_PORT "1337"

static const char *advice(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "; another program is using it: try another --port";
	case EADDRNOTAVAIL:
		return "; this machine has no such address: see --host";
	case EINVAL:
		return "; link-local addresses need an interface: fe80::1%eth0";
	case EACCES:
		return "; ports below 1024 require root: try another --port";
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
		/* The reason of the first address is reported. */
		if (a == found) {
			*error = -fd;
			memcpy(&wanted, a->ai_addr, a->ai_addrlen);
			*at = address_from(&wanted);
		}
	}
	return -1;
}

int listener_where(struct endpoint *e, const char *host, const char *port,
	struct complaint *complaint)
{
	char *words[] = { (char *)host, (char *)(port ? port : DEFAULT_PORT) };
	int used = endpoint_parse(
		e, words, COUNT_OF(words), ENDPOINT_TO_LISTEN, complaint);

	if (used == 1 && port)
		return complaint_print(complaint, -EINVAL,
			"--host includes a port, and --port is also given: "
			"'%s'",
			host);
	return used < 0 ? used : 0;
}

int listener_open(const struct endpoint *e, struct address *at,
	struct complaint *complaint)
{
	char text[ADDRESS_TEXT_BYTES];
	struct addrinfo *found;
	int fd, error = socket_resolve(e->host, e->port, AI_PASSIVE, &found);

	if (error)
		return complaint_print(complaint, -1, "Cannot resolve '%s': %s",
			e->host,
			error == EAI_SYSTEM ? strerror(errno)
					    : gai_strerror(error));
	fd = try_all(found, &error, at);
	freeaddrinfo(found);
	if (fd < 0)
		complaint_print(complaint, fd, "Cannot listen on %s: %s%s",
			address_format(at, text), strerror(error),
			advice(error));
	return fd;
}
