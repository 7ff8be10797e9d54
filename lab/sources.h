// SPDX-License-Identifier: MIT
/*
 * Where the clients of a hostile test connect from: one address, or a row of
 * them. Written as ADDRESS, or ADDRESS/BITS*COUNT: as many prefixes of that
 * length, one after the other, beginning with that of ADDRESS, in each the
 * address that ADDRESS is in its own. So 10.0.0.1/32*3 is 10.0.0.1 to 10.0.0.3,
 * and fd00::1/64*2 is fd00::1 and fd00:0:0:1::1. Knows nothing of what is sent.
 * Used by attack and visit.
 */
#pragma once

#include <netdb.h>
#include <stddef.h>
#include <sys/socket.h>

struct sources {
	struct sockaddr_storage first;
	socklen_t length;
	size_t bytes; /* of an address, that are counted in */
	size_t count; /* 0: whatever the system chooses */
};

/* Exits if it is none. */
void sources_parse(struct sources *s, const char *text);

/* The i-th address, modulo their number. */
struct sockaddr_storage sources_at(const struct sources *s, size_t i);

/*
 * A socket that does not block and has begun to connect from there; or
 * -errno. receive_bytes: of its receive buffer; 0 is the system's choice.
 */
int sources_connect(const struct sources *s, size_t i,
	const struct addrinfo *to, int receive_bytes);

/* Lets the process open as many descriptors as the system permits; so many. */
size_t sources_raise_descriptors(void);

/* The address of a server; exits if there is none. */
struct addrinfo *sources_resolve(const char *host, const char *port);
