// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct address address_from(const struct sockaddr_storage *from)
{
	struct address a = { 0 };

	if (from->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)from;

		a.port = ntohs(in6->sin6_port);
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
			memcpy(a.ip, in6->sin6_addr.s6_addr + 12, 4);
		} else {
			memcpy(a.ip, in6->sin6_addr.s6_addr, 16);
			a.scope = in6->sin6_scope_id;
			a.is_ipv6 = 1;
		}
	} else {
		const struct sockaddr_in *in = (const void *)from;

		a.port = ntohs(in->sin_port);
		memcpy(a.ip, &in->sin_addr, 4);
	}
	return a;
}

bool address_is_loopback(const struct address *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->is_ipv6 ? !memcmp(a->ip, one, sizeof(one)) : a->ip[0] == 127;
}

const char *address_spell(
	const char *host, char text[static ADDRESS_TEXT_BYTES])
{
	size_t n = strcspn(host, "%");
	struct in6_addr ip;

	if (strlen(host) >= ADDRESS_TEXT_BYTES)
		return host;
	snprintf(text, ADDRESS_TEXT_BYTES, "%.*s", (int)n, host);
	if (inet_pton(AF_INET6, text, &ip) != 1 ||
		!inet_ntop(AF_INET6, &ip, text, INET6_ADDRSTRLEN) ||
		strlen(text) + strlen(host + n) >= ADDRESS_TEXT_BYTES)
		return host;
	strcat(text, host + n);
	return text;
}

const char *address_format(
	const struct address *a, char text[static ADDRESS_TEXT_BYTES])
{
	char ip[INET6_ADDRSTRLEN] = "";
	char scope[16] = "";

	inet_ntop(a->is_ipv6 ? AF_INET6 : AF_INET, a->ip, ip, sizeof(ip));
	/*
	 * The number of the interface: names change and interfaces vanish while
	 * a session lasts.
	 */
	if (a->scope)
		snprintf(scope, sizeof(scope), "%%%u", (unsigned)a->scope);
	snprintf(text, ADDRESS_TEXT_BYTES, a->is_ipv6 ? "[%s%s]:%u" : "%s%s:%u",
		ip, scope, (unsigned)a->port);
	return text;
}
