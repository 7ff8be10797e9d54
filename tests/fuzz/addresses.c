// SPDX-License-Identifier: MIT
/*
 * Addresses as users and the system spell them. An IPv6 address has one
 * spelling only, and an address that was written is read back.
 */
#include "bytes.h"
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static void check_spelling(const char *host)
{
	char text[ADDRESS_TEXT_BYTES], again[ADDRESS_TEXT_BYTES];
	const char *spelled = address_spell(host, text);

	assert(spelled == host || spelled == text);
	assert(!strcmp(address_spell(spelled, again), spelled));
}

/* Without the scope, of which inet_pton() knows nothing. */
static void check_format(const struct address *a)
{
	char text[ADDRESS_TEXT_BYTES], ip[ADDRESS_TEXT_BYTES];
	const char *port = strrchr(address_format(a, text), ':');
	uint8_t read[16];
	int brackets = *text == '[';

	assert(strlen(text) < ADDRESS_TEXT_BYTES && port);
	assert(brackets == a->is_ipv6 && atoi(port + 1) == a->port);
	snprintf(ip, sizeof(ip), "%.*s", (int)(port - text) - 2 * brackets,
		text + brackets);
	ip[strcspn(ip, "%")] = '\0';
	assert(inet_pton(a->is_ipv6 ? AF_INET6 : AF_INET, ip, read) == 1);
	assert(!memcmp(read, a->ip, a->is_ipv6 ? 16 : 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	bool is_ipv6 = bytes_take(&b) & 1;
	union {
		struct sockaddr_storage any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} from = { 0 };
	struct address address;
	char *host;

	for (size_t i = 0; i < (is_ipv6 ? sizeof(from.in6) : sizeof(from.in));
		i++)
		((uint8_t *)&from)[i] = bytes_take(&b);
	from.any.ss_family = is_ipv6 ? AF_INET6 : AF_INET;
	address = address_from(&from.any);
	check_format(&address);
	assert(!address_is_loopback(&address) || address.ip[0] == 127 ||
		address.ip[15] == 1);
	host = bytes_text(&b, b.left);
	check_spelling(host);
	free(host);
	return 0;
}
