// SPDX-License-Identifier: MIT
#include "lib/dial.h"

#include <errno.h>
#include <string.h>

#include "lib/connect.h"
#include "net/endpoint.h"
#include "net/socket.h"
#include "smx.h"

int dial_open(const char *host, const char *port, unsigned timeout_ms, int *fd,
	uint64_t *begun_ns, struct complaint *complaint)
{
	char text[ADDRESS_TEXT_BYTES];
	char name[ENDPOINT_HOST_BYTES], number[ENDPOINT_PORT_BYTES];
	struct complaint wrong;
	struct address last = { 0 };
	struct addrinfo *found;
	int error, connected;

	if (!host || !port)
		return complaint_print(complaint, SMX_ERROR_USAGE,
			"Expected a host and a port");
	if (endpoint_parse_host(host, name, &wrong) ||
		(!endpoint_may_be_service(port) &&
			endpoint_parse_port(
				port, ENDPOINT_TO_CONNECT, number, &wrong)))
		return complaint_print(complaint, SMX_ERROR_USAGE,
			"Cannot connect: %s", wrong.text);
	error = socket_resolve(name, port, 0, &found);
	if (error)
		return complaint_print(complaint, SMX_ERROR_RESOLVE,
			"Cannot resolve '%s' port '%s': %s; check the "
			"spelling",
			host, port,
			error == EAI_SYSTEM ? strerror(errno)
					    : gai_strerror(error));
	connected = connect_first(found, timeout_ms, begun_ns, &last);
	freeaddrinfo(found);
	if (connected >= 0) {
		*fd = connected;
		return SMX_OK;
	}
	address_format(&last, text);
	if (connected == -ETIMEDOUT)
		return complaint_print(complaint, SMX_ERROR_TIMEOUT,
			"Connecting to %s timed out after %g s; is the host "
			"up? Is a firewall in the way?",
			text, timeout_ms / 1000.0);
	return complaint_print(complaint, SMX_ERROR_CONNECT,
		"Cannot connect to %s: %s; %s", text, strerror(-connected),
		connected == -EINVAL
			? "link-local addresses need an interface: "
			  "fe80::1%eth0"
			: "is the server running there?");
}
