// SPDX-License-Identifier: MIT
/*
 * An IPv4 or IPv6 address with its port, in 24 bytes, small enough for every
 * connection to keep, and its text form. Knows no names and no sockets.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	uint8_t ip[16]; /* network order; IPv4 in the first four */
	uint32_t scope; /* of a link-local IPv6 address, else 0 */
	uint16_t port;  /* host order */
	uint8_t is_ipv6;
};

enum { ADDRESS_TEXT_BYTES = 64 };

/* Of AF_INET or AF_INET6; IPv4 mapped into IPv6 becomes IPv4 again. */
struct address address_from(const struct sockaddr_storage *from);

/* Is it an address of the loopback interface? */
bool address_is_loopback(const struct address *a);

/*
 * An IPv6 address has many spellings. This returns the one that is shown: "::1"
 * for "0:0::01", with its scope unchanged. Any other text is returned as it is.
 * Returns host or text.
 */
const char *address_spell(
	const char *host, char text[static ADDRESS_TEXT_BYTES]);

/* "127.0.0.1:1337" or "[::1]:1337" or "[fe80::1%2]:1337"; returns text. */
const char *address_format(
	const struct address *a, char text[static ADDRESS_TEXT_BYTES]);
